// tributary status --watch: the same words again and again over themselves, until q or Ctrl-C; with --json a line each time.
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInput } from '../../domain/errors.js';
import { exitCodes } from '../failure-report.js';
import { exitCodeUnlessLeft, interrupt, onInterrupt } from '../interrupt.js';
import { interval } from '../../queries/option-values.js';
import type { Command } from '../stack/stack-access.js';
import { pasteable } from '../terminal/own-command.js';
import type { Terminal } from '../terminal/terminal.js';
import { statusCommand } from './status.js';

const everyMsMin = 500;
const everyMsMax = 3_600_000;
const usualRows = 24;

export async function watchStatusCommand(command: Command, every: string): Promise<number> {
  const everyMs = interval('every', every)!;
  if (everyMs < everyMsMin || everyMs > everyMsMax)
    throw new InvalidInput('every', `expected from ${everyMsMin}ms to ${everyMsMax / 3_600_000}h`);
  const leave = leaving();
  const shown = command.terminal.json ? jsonRounds(command.terminal) : screenRounds(command.terminal, everyMs);
  try {
    while (!leave.signal.aborted) {
      await shown.round(await statusNow(command));
      await sleep(everyMs, undefined, { signal: leave.signal }).catch(() => undefined);
    }
  } finally {
    shown.end();
    leave.end();
  }
  return exitCodeUnlessLeft(exitCodes.fine);
}

interface Status {
  readonly lines: readonly string[];
  readonly items: readonly Record<string, unknown>[];
}

/** What the command would say once. */
async function statusNow(command: Command): Promise<Status> {
  const lines: string[] = [];
  const items: Record<string, unknown>[] = [];
  const { terminal } = command;
  const kept: Terminal = {
    json: terminal.json,
    style: terminal.style,
    columns: terminal.columns,
    lineColumns: terminal.lineColumns,
    drawn: terminal.drawn,
    say: (line = '') => void lines.push(line),
    hint: (line) => void lines.push(pasteable(line)),
    item: (value) => void items.push(value as Record<string, unknown>),
    note: (line) => void lines.push(pasteable(line)),
  };
  await statusCommand({ ...command, terminal: kept });
  return { lines, items };
}

interface Rounds {
  round(status: Status): void | Promise<void>;
  end(): void;
}

function jsonRounds(terminal: Terminal): Rounds {
  const having = (items: Status['items'], name: string) => items.filter((item) => name in item && !('stack' in item));
  return {
    round: ({ items }) =>
      terminal.item({
        at: new Date().toISOString(),
        ...items.find((item) => 'stack' in item),
        workers: having(items, 'worker'),
        sources: having(items, 'source'),
        retries: having(items, 'retry').map(({ retry }) => retry),
      }),
    end: () => undefined,
  };
}

/** On a terminal a screen of its own, so that what stood there is back afterwards; elsewhere one after the other. */
function screenRounds(terminal: Terminal, everyMs: number): Rounds {
  const title = (): string =>
    `${new Date().toISOString().slice(0, 19).replace('T', ' ')} UTC, every ${everyMs / 1_000} s`;
  if (process.stdout.isTTY !== true)
    return {
      round({ lines }) {
        for (const line of [title(), ...lines, '']) terminal.say(line);
      },
      end: () => undefined,
    };
  const [enter, home, clearRest, leave] = ['\x1b[?1049h\x1b[?7l', '\x1b[H', '\x1b[J', '\x1b[?7h\x1b[?1049l'];
  process.stdout.write(enter);
  return {
    round({ lines }) {
      const rows = (process.stdout.rows || usualRows) - 1;
      const head = terminal.style.dim(`${title()}; q to leave`);
      // Each line is cleared to its end, and not the screen before: that would flicker.
      const text = [head, ...lines].slice(0, rows).map((line) => `${terminal.drawn(line)}\x1b[K\n`);
      process.stdout.write(`${home}${text.join('')}${clearRest}`);
    },
    end: () => void process.stdout.write(leave),
  };
}

/** q is an end like any other. */
function leaving(): { readonly signal: AbortSignal; end(): void } {
  const keys = process.stdin;
  if (keys.isTTY !== true) return { signal: onInterrupt(), end: () => undefined };
  const quit = new AbortController();
  // Keys come one by one then, and Ctrl-C is one of them.
  keys.setRawMode(true);
  keys.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('\u0003')) interrupt();
    else if (/q/i.test(text)) quit.abort();
  });
  return {
    signal: AbortSignal.any([onInterrupt(), quit.signal]),
    end() {
      keys.setRawMode(false);
      keys.pause();
    },
  };
}
