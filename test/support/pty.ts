// A program on a terminal of a given width: `script`, which is on every Linux, makes it. What the program writes to standard
// output and standard error comes as a person would see it, escapes and all.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from './eventually.js';

export interface OnTerminal {
  readonly child: ChildProcess;
  /** All that was written so far. */
  readonly written: () => string;
  readonly press: (keys: string) => void;
  /** Resolves when it has written this. */
  readonly until: (text: RegExp) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly written: string }>;
}

/** 0 columns: the terminal does not say how wide it is. */
export function onTerminal(words: readonly string[], columns: number, environment: NodeJS.ProcessEnv): OnTerminal {
  const command = `stty cols ${columns} rows 40 -echo; exec ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')}`;
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...environment, SHELL: '/bin/sh', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  child.stdin.on('error', () => undefined);
  return {
    child,
    written: () => written,
    press: (keys) => void child.stdin.write(keys),
    until: async (text) => void (await eventually(`${text} on the terminal`, () => text.test(written))),
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, written })),
  };
}

/** Lines as they stand, and each state of a line that was drawn over itself as one; without colours. */
export function linesOf(written: string): string[] {
  return (
    written
      .replaceAll(/\r*\n/g, '\n')
      // oxlint-disable-next-line no-control-regex -- these are what a terminal is told
      .replaceAll(/\r?\u001b\[2K|\r?(?:\u001b\[\d+A)?\u001b\[J/g, '\n')
      // oxlint-disable-next-line no-control-regex -- as above
      .replaceAll(/\u001b\[[?\d;]*[A-Za-z]/g, '')
      .split('\n')
      .filter((line) => line !== '')
  );
}
