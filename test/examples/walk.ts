// The walk through an example, as its README has it: commands in blocks of `sh`, and in a block of `text` what the last of them
// shows. Each line runs as it stands, by a shell, with what `export` of the lines before it set.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Step {
  readonly command: string;
  /** The block of text that follows. */
  readonly shows: string | null;
}

export interface Shown {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Walk {
  readonly steps: readonly Step[];
  /** Blocks of `sql`, in order. */
  readonly queries: readonly string[];
  run(command: string): Promise<Shown>;
  /** A worker as a command starts it, with what is exported so far; the answer ends it in order, and tells its exit code. */
  startWorker(): () => Promise<number | null>;
}

/** Of the example in `examples/<name>`, run in `directory`; `npx` there is `program`, without the time that npm takes. */
export function walkThrough(name: string, directory: string, program: string, environment: NodeJS.ProcessEnv): Walk {
  const text = readFileSync(readmeOf(name), 'utf8');
  const env = { ...environment, PATH: `${withNpx(directory, program)}:${process.env['PATH']}` };
  return {
    steps: [...text.matchAll(/```sh\n([^]*?)```(?:\n```text\n([^]*?)```)?/g)].flatMap(([, commands, shows]) =>
      commandsOf(commands!).map((command, at, all) => ({
        command,
        shows: at === all.length - 1 ? (shows ?? null) : null,
      })),
    ),
    queries: [...text.matchAll(/```sql\n([^]*?)```/g)].map(([, query]) => query!),
    async run(command) {
      const exported = /^export (\w+)=(\S+)$/.exec(command);
      if (exported === null) return shell(command, directory, env);
      Object.assign(env, { [exported[1]!]: exported[2]! });
      return { code: 0, out: '', err: '' };
    },
    startWorker() {
      const worker = spawn(process.execPath, [program, 'worker'], { cwd: directory, env, stdio: 'ignore' });
      const ended = once(worker, 'close');
      return async () => {
        worker.kill('SIGTERM');
        return (await ended)[0] as number | null;
      };
    },
  };
}

/** UPDATE_EXAMPLES=1: a block of text becomes what its command shows. */
export function keepShown(name: string, command: string, out: string): void {
  if (process.env['UPDATE_EXAMPLES'] === undefined) return;
  const text = readFileSync(readmeOf(name), 'utf8');
  const at = text.indexOf('```text\n', text.indexOf(`\n${command}\n`)) + '```text\n'.length;
  writeFileSync(readmeOf(name), text.slice(0, at) + out + text.slice(text.indexOf('```', at)));
}

function readmeOf(name: string): string {
  return join(packageRoot, 'examples', name, 'README.md');
}

/** Without what stands beside them. */
function commandsOf(block: string): string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/\s{2,}#.*/, ''))
    .filter((line) => line !== '');
}

function withNpx(directory: string, program: string): string {
  const programs = join(directory, '.programs');
  mkdirSync(programs, { recursive: true });
  const npx = join(programs, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${program}' "$@"\n`);
  chmodSync(npx, 0o755);
  return programs;
}

function shell(command: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Shown> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], { cwd, env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err }),
    );
  });
}
