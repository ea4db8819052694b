// What became of each event that was given, in the order in which it was given.
import type { HashedEvent } from '../domain/event.js';
import { noCounts } from '../domain/page.js';
import type { RawRecord } from '../domain/source.js';
import type { Batch } from '../domain/stage.js';
import type { Committed } from './commit.js';
import type { Answer } from './door.js';

/** Why a record is not taken. Nothing of it is stored. */
export interface Refusal {
  /** Stable: of the mapper, of a stage, or Postgres' SQLSTATE. */
  readonly code: string;
  readonly reason: string;
}

/**
 * accepted: it is stored, by this call. known: it was stored before, or stands earlier in this call. refused: see `reason`.
 * `record`: its place among those given. `id` is the event's within its source.
 */
export type Verdict =
  | { readonly outcome: 'accepted' | 'known'; readonly record: number; readonly id: string }
  | (Refusal & { readonly outcome: 'refused'; readonly record: number });

/** Of a page that validate has seen: the record of each event, and of each that died. */
export function recordsByOrdinal({ drafts, dead }: Batch): ReadonlyMap<number, RawRecord> {
  const places = new Map<number, RawRecord>();
  for (const { ordinal, record } of drafts) places.set(ordinal, record);
  const bytes = new Map(dead.map(({ ordinal, raw }) => [ordinal, raw]));
  for (const { ordinal, raw, holder } of dead) places.set(ordinal, (raw ?? bytes.get(holder!))!);
  return places;
}

interface Told {
  readonly source: string;
  readonly all: readonly RawRecord[];
  readonly refusals: ReadonlyMap<RawRecord, Refusal>;
  readonly processingMs: number;
}

interface Written extends Committed {
  readonly places: ReadonlyMap<number, RawRecord>;
  /** Before anything was taken for known. */
  readonly events: readonly HashedEvent[];
}

export function answersOf({ source, all, refusals, processingMs }: Told, written: Written | null): Answer {
  const taken = written === null ? new Map<RawRecord, Verdict[]>() : takenBy(written);
  const verdicts = all.flatMap((bytes, record): Verdict[] => {
    const refusal = refusals.get(bytes);
    if (refusal !== undefined) return [{ outcome: 'refused', record, ...refusal }];
    return (taken.get(bytes) ?? []).map((verdict) => ({ ...verdict, record }));
  });
  return { source, counts: written?.counts ?? noCounts, page: written?.page ?? null, verdicts, processingMs };
}

/** The first of equal events is the one that was stored. */
function takenBy({ places, events, isNew }: Written): Map<RawRecord, Verdict[]> {
  const seen = new Set<string>();
  const taken = new Map<RawRecord, Verdict[]>();
  for (const { ordinal, key, id } of events) {
    const outcome = !seen.has(key) && isNew(key) ? 'accepted' : 'known';
    seen.add(key);
    const record = places.get(ordinal)!;
    const verdict: Verdict = { outcome, record: 0, id };
    const of = taken.get(record);
    if (of === undefined) taken.set(record, [verdict]);
    else of.push(verdict);
  }
  return taken;
}
