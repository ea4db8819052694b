// Where a command's words go: results to standard output, everything about the way there to standard error. With --json
// standard output holds JSON lines and nothing else.
import pc from 'picocolors';
import { exitCodes } from '../../domain/exit-codes.js';
import { inherited } from '../../local/environment.js';
import { drawnIn, saysUtf8 } from './glyphs.js';
import { pasteable } from './own-command.js';

export interface Terminal {
  readonly json: boolean;
  /** For people; dropped with --json. */
  say(line?: string): void;
  /** As `say`, for a line of ours that names commands: they are told so that they can be pasted here. */
  hint(line: string): void;
  /** For programs; dropped without --json. */
  item(value: unknown): void;
  /** Standard error, always; commands in it as `hint` tells them. */
  note(line: string): void;
  readonly style: ReturnType<typeof pc.createColors>;
  /** Columns of standard output; null when it is no terminal or does not say how wide it is, and nothing is cut. */
  readonly columns: number | null;
  /** Columns of standard error, for a line that is drawn over itself and must not wrap. */
  readonly lineColumns: number;
  /** As a terminal of this locale can show it. */
  readonly drawn: (text: string) => string;
}

/** What git and less take a terminal for that does not say how wide it is. */
const usualColumns = 80;

/** For the process of a command, once. */
export function endWhereUnwritable(): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) closes the pipe: an end, not an error.
    if (code === 'EPIPE') process.exit(exitCodes.fine);
    process.stderr.write(`error: standard output cannot be written (${code})\n`);
    process.exit(exitCodes.failed);
  });
}

export function openTerminal(json: boolean): Terminal {
  const utf8 = saysUtf8(inherited);
  const drawn = (text: string): string => drawnIn(text, utf8);
  const say = (line = ''): void => void (json || process.stdout.write(`${drawn(line)}\n`));
  return {
    json,
    say,
    hint: (line) => say(pasteable(line)),
    item: (value) => void (json && process.stdout.write(`${JSON.stringify(value)}\n`)),
    note: (line) => void process.stderr.write(`${drawn(pasteable(line))}\n`),
    style: pc.createColors(pc.isColorSupported && process.stdout.isTTY === true),
    // Asked each time: a window is made wider while `status --watch` shows it.
    get columns() {
      return process.stdout.isTTY ? process.stdout.columns || null : null;
    },
    get lineColumns() {
      return process.stderr.columns || usualColumns;
    },
    drawn,
  };
}

/** Resolves when standard output has taken what was written: a slow reader must not fill our memory. */
export async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain) await new Promise((resolve) => process.stdout.once('drain', resolve));
}

/** Bytes as they are; resolves when standard output has taken them. */
export async function written(bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => process.stdout.write(bytes, resolve));
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Text from outside as one line that cannot steer a terminal. */
export function printable(text: string, columnsMax = Number.POSITIVE_INFINITY): string {
  const line = text.replaceAll(unprintable, ' ');
  return line.length <= columnsMax ? line : `${line.slice(0, Math.max(0, columnsMax - 1)).toWellFormed()}…`;
}
