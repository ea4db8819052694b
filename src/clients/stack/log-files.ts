// Files that grow: their last lines, and the lines that come.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export const logParts = ['supervisor', 'postgres', 'temporal', 'worker', 'door', 'hook'] as const;
export type LogPart = (typeof logParts)[number];

export interface LogFile {
  readonly name: string;
  readonly path: string;
}

export interface LastLines {
  readonly lines: readonly string[];
  /** Bytes of the file when it was read. */
  readonly size: number;
}

/** Read from the end: a line of a log has some hundred bytes, and one with a stack some thousand. */
const bytesOfLine = 2_048;
const chunkBytesMax = 1_024 * 1_024;
/** As often as `tail -f` looks. */
const lookEveryMs = 500;

/** Null where there is no file. */
export function lastLines(path: string, count: number): LastLines | null {
  return opened(path, (file, size) => {
    const bytes = Math.min(size, Math.max(1, count) * bytesOfLine);
    const text = read(file, size - bytes, bytes).toString();
    const lines = text.replace(/\n$/, '').split('\n');
    // The first one may have begun before what was read.
    const whole = bytes < size ? lines.slice(1) : lines;
    return { lines: size === 0 || count === 0 ? [] : whole.slice(-count), size };
  });
}

/** From the bytes given on, until the signal. A file that is shorter than before was begun anew. */
export async function followLogs(
  files: readonly (LogFile & { readonly from: number })[],
  tell: (name: string, line: string) => void,
  leave: AbortSignal,
): Promise<void> {
  const states = files.map((file) => ({ ...file, rest: '' }));
  while (!leave.aborted) {
    for (const state of states) {
      opened(state.path, (file, size) => {
        if (size < state.from) Object.assign(state, { from: 0, rest: '' });
        const bytes = Math.min(size - state.from, chunkBytesMax);
        const parts = (state.rest + read(file, state.from, bytes).toString()).split('\n');
        Object.assign(state, { from: state.from + bytes, rest: parts.pop() });
        for (const line of parts) tell(state.name, line);
      });
    }
    await sleep(lookEveryMs, undefined, { signal: leave }).catch(() => undefined);
  }
}

function opened<T>(path: string, work: (file: number, size: number) => T): T | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return work(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

function read(file: number, from: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  return buffer.subarray(0, bytes === 0 ? 0 : readSync(file, buffer, 0, bytes, from));
}
