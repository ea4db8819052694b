// Records that come as a stream, given to the door in calls of bounded size. One call is under way and one is gathered: while
// the first commits, the second grows, so a trickle is committed at once and a flood in large transactions; and whoever reads
// the stream waits while both are full.
import type { RawRecord } from '../domain/source.js';
import { limits } from '../limits.js';
import type { Answer } from './door.js';

export interface StreamOfRecords {
  /** As they become known; a chunk is given as far as it is there, without waiting for more. */
  readonly chunks: AsyncIterable<readonly RawRecord[]>;
  /** One call of the door; what it throws ends the stream. */
  readonly take: (records: readonly RawRecord[]) => Promise<Answer>;
  /** In order, with the records that were given; the stream waits for it. */
  readonly told: (answer: Answer, records: readonly RawRecord[]) => Promise<void> | void;
  /** A call failed while the stream was waited for: whoever makes the chunks ends them. */
  readonly stop: () => void;
}

/** Resolves with the number of records once all are committed or refused. Throws what `take` or the stream threw. */
export async function takeStream({ chunks, take, told, stop }: StreamOfRecords): Promise<number> {
  const gathered = createGathering();
  const flight: { under?: Promise<void> | undefined; failure?: { readonly error: unknown } } = {};
  const landed = async (): Promise<void> => {
    await flight.under;
    if (flight.failure !== undefined) throw flight.failure.error;
  };
  const send = (): void => {
    const records = gathered.all();
    flight.under = take(records)
      .then((answer) => told(answer, records))
      .catch((error: unknown) => {
        flight.failure = { error };
        stop();
      })
      .finally(() => (flight.under = undefined));
  };
  try {
    for await (const chunk of chunks) {
      for (const record of chunk) {
        if (!gathered.fits(record)) {
          await landed();
          send();
        }
        gathered.add(record);
      }
      if (flight.failure !== undefined) break;
      if (flight.under === undefined && gathered.size > 0) send();
    }
  } finally {
    await flight.under;
  }
  await landed();
  if (gathered.size > 0) send();
  await landed();
  return gathered.count;
}

function createGathering() {
  let [records, bytes, count]: [RawRecord[], number, number] = [[], 0, 0];
  return {
    get size() {
      return records.length;
    },
    get count() {
      return count;
    },
    fits: (record: RawRecord): boolean =>
      records.length === 0 ||
      (records.length < limits.doorEventsMax && bytes + record.byteLength <= limits.doorBytesMax),
    add(record: RawRecord): void {
      records.push(record);
      bytes += record.byteLength;
      count += 1;
    },
    all(): readonly RawRecord[] {
      const taken = records;
      [records, bytes] = [[], 0];
      return taken;
    },
  };
}
