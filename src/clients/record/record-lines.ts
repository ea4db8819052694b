// Lines from a stream through the door, each an event: counted, and told one by one where they are refused.
import type { Readable } from 'node:stream';
import { addCounts, noCounts, type Counts } from '../../domain/page.js';
import type { RawRecord } from '../../domain/source.js';
import type { Answer } from '../../door/door.js';
import { takeStream } from '../../door/stream.js';
import { limits } from '../../limits.js';
import { linesOf, type Lines } from './lines.js';

export interface RefusedLine {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

export interface RecordedLines {
  /** Of what was taken. */
  readonly counts: Counts;
  readonly refused: number;
}

export interface LinesToRecord {
  readonly input: Readable;
  /** Each line a record, where nothing is said. */
  readonly linesIn?: typeof linesOf | undefined;
  /** One call of the door. */
  readonly take: (records: readonly RawRecord[]) => Promise<Answer>;
  /** Awaited: a slow reader holds up the stream, and memory stays bounded. */
  readonly onRefused: (line: RefusedLine) => Promise<void> | void;
  /** After each commit. */
  readonly onProgress: (sofar: RecordedLines) => void;
  /** Aborted: what was read until then is committed, and no more is read. */
  readonly leave: AbortSignal;
}

/** Resolves when the stream has ended and all of it is committed or refused; `sofar` is what a failure leaves behind. */
export async function recordLines(lines: LinesToRecord, sofar: { recorded: RecordedLines }): Promise<void> {
  const { input, linesIn = linesOf, take, onRefused, onProgress, leave } = lines;
  const tooLong: number[] = [];
  const read: Lines = linesIn(input, (line) => tooLong.push(line));
  const add = (counts: Counts, refused: number): void => {
    const before = sofar.recorded;
    sofar.recorded = { counts: addCounts(before.counts, counts), refused: before.refused + refused };
  };
  const tellTooLong = async (): Promise<void> => {
    for (const line of tooLong.splice(0)) {
      add(noCounts, 1);
      const reason = `the line is longer than ${limits.recordBytesMax} bytes`;
      await onRefused({ line, code: 'too_large', reason });
    }
  };
  const stop = (): void => void input.destroy();
  leave.addEventListener('abort', stop, { once: true });
  try {
    await takeStream({
      chunks: untilLeft(read.chunks, leave),
      take,
      stop,
      async told({ counts, verdicts }, records) {
        const refused = verdicts.filter((verdict) => verdict.outcome === 'refused');
        add(counts, refused.length);
        for (const { record, code, reason } of refused)
          await onRefused({ line: read.numberOf(records[record]!), code, reason });
        await tellTooLong();
        onProgress(sofar.recorded);
      },
    });
    await tellTooLong();
  } finally {
    leave.removeEventListener('abort', stop);
  }
}

/** A stream that we ended ourselves has ended. */
async function* untilLeft<T>(chunks: AsyncIterable<T>, leave: AbortSignal): AsyncGenerator<T, void, void> {
  try {
    yield* chunks;
  } catch (error) {
    if (!leave.aborted) throw error;
  }
}
