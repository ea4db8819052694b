// Events that a program gives: `record`.
import { InvalidInput } from '../../domain/errors.js';
import type { JsonObject, Priority } from '../../domain/event.js';
import type { RawRecord, Source } from '../../domain/source.js';
import type { VersionOrder } from '../../domain/version-order.js';
import type { Refusal, Verdict } from '../../door/verdicts.js';
import { limits } from '../../limits.js';
import { fieldOf, program } from '../../sources/program/index.js';
import type { OwnDoor } from '../record/open-door.js';
import { recordedFigures } from '../record/recorded-figures.js';

/** An event as a program gives it. A CloudEvent 1.0 in JSON, with `specversion`, may stand in its place. */
export interface GivenEvent {
  /** `order.paid`; at most 200 characters. */
  readonly type: string;
  /**
   * Unique in the source, for ever: given again under the same id it is known. Without `id` and `entity` an event is what it
   * says: type, time, subject and data.
   */
  readonly id?: string | null | undefined;
  /** When it happened: RFC 3339 with a zone, or a Date. */
  readonly time?: string | Date | null | undefined;
  /** What it is about: at most 4,096 characters. */
  readonly subject?: string | null | undefined;
  /** As JSON has it. */
  readonly data?: JsonObject | undefined;
  /** Else by the rules of the source, or by its type. */
  readonly priority?: 'critical' | 'high' | 'normal' | 'low' | Priority | null | undefined;
  /** What it is a version of, for `current_events`. */
  readonly entity?: string | null | undefined;
  /** Of the entity; grows as the source's option `versions` says. */
  readonly version?: string | number | null | undefined;
  /** The entity is gone with this version. */
  readonly deleted?: boolean | null | undefined;
}

/** A CloudEvent 1.0 in JSON: https://github.com/cloudevents/spec. Extension attributes stay with the data, under `cloudevents`. */
export interface GivenCloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly [attribute: string]: unknown;
}

/** Where a program's events go. */
export interface RecordOptions {
  /** Id of the source; `program/events` without it. It is created with its first events. */
  readonly source?: string | undefined;
  /** How versions of an entity follow each other, `number` where nothing is said; fixed with the first events. */
  readonly versions?: VersionOrder | undefined;
}

/** What became of one event; `index` is its place in the call. */
export type RecordVerdict =
  /** accepted: stored, by this call. known: stored before, or earlier in this call. suppressed: left out by the source's burst window. */
  | { readonly index: number; readonly outcome: 'accepted' | 'known' | 'suppressed'; readonly id: string }
  | {
      readonly index: number;
      readonly outcome: 'refused';
      /** Stable: `bad_time`, `unknown_field`, `too_large` … */
      readonly code: string;
      /** The field that is wrong; empty where it is the event as a whole. */
      readonly field: string;
      readonly reason: string;
    };

/** What became of a call, after its commit. Counts are events; `total` is the sum of the next five. */
export interface Recorded {
  readonly source: string;
  readonly total: number;
  readonly inserted: number;
  /** Repeats within the call. */
  readonly skipped_duplicate: number;
  /** Stored before. */
  readonly skipped_existing: number;
  readonly suppressed: number;
  readonly refused: number;
  /** Refused events, and failures of processors with events that are stored all the same. */
  readonly errors: number;
  readonly processing_time_ms: number;
  /** One for each event, in the order of the call. */
  readonly verdicts: readonly RecordVerdict[];
}

export async function record(
  door: () => Promise<OwnDoor>,
  events: readonly (GivenEvent | GivenCloudEvent)[],
  { source: id, versions }: RecordOptions,
): Promise<Recorded> {
  const start = performance.now();
  assertCall(events);
  const given = events.map(encoded);
  const records = given.filter((one) => one instanceof Uint8Array);
  assertBytes(records);
  const named = { source: program as Source, id, ...(versions === undefined ? {} : { options: { versions } }) };
  const opened = await door();
  const { counts, verdicts, source } = await opened.take(named, records);
  const told = inOrder(given, verdicts, records);
  const refused = told.filter(({ outcome }) => outcome === 'refused').length;
  return {
    source,
    ...recordedFigures(counts, refused),
    processing_time_ms: Math.round(performance.now() - start),
    verdicts: told,
  };
}

function assertCall(events: unknown): void {
  if (!Array.isArray(events))
    throw new InvalidInput('events', 'is no list, expected one like [{ type: "order.paid" }]');
  if (events.length > limits.doorEventsMax)
    throw new InvalidInput('events', `are ${events.length}, expected at most ${limits.doorEventsMax} in one call`);
}

function assertBytes(records: readonly RawRecord[]): void {
  const bytes = records.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > limits.doorBytesMax)
    throw new InvalidInput(
      'events',
      `have ${bytes} bytes as JSON, expected at most ${limits.doorBytesMax} in one call; give fewer at a time`,
    );
}

/** As JSON has it: what cannot be said in JSON is refused before anything else looks at it. */
function encoded(event: unknown): RawRecord | Refusal {
  try {
    const text = JSON.stringify(event) as string | undefined;
    if (text === undefined) return { code: 'not_an_event', reason: 'the event is no object' };
    const record = Buffer.from(text);
    if (record.byteLength <= limits.recordBytesMax) return record;
    const reason = `the event has ${record.byteLength} bytes as JSON, expected at most ${limits.recordBytesMax}`;
    return { code: 'too_large', reason };
  } catch (error) {
    return {
      code: 'not_json',
      reason: `the event is not to be said in JSON: ${(error as Error).message.slice(0, 80)}`,
    };
  }
}

function inOrder(
  given: readonly (RawRecord | Refusal)[],
  verdicts: readonly Verdict[],
  records: readonly RawRecord[],
): RecordVerdict[] {
  let next = 0;
  return given.map((one, index): RecordVerdict => {
    if (!(one instanceof Uint8Array)) return { index, outcome: 'refused', field: '', ...one };
    const verdict = verdicts[next++]!;
    if (verdict.outcome !== 'refused') return { index, outcome: verdict.outcome, id: verdict.id };
    const { code, reason } = verdict;
    return { index, outcome: 'refused', code, field: fieldOf(records[verdict.record]!, code), reason };
  });
}
