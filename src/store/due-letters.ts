// Redriven dead letters that are due: rows of `deferred` without an attempt, with what their letters keep.
import type { JsonObject } from '../domain/event.js';
import type { DeferredRecord, RedrivenRecord } from '../domain/queue-page.js';
import type { QueueBounds } from '../domain/queue.js';
import type { EarlierLetter } from '../domain/stage.js';
import type { Queryable } from './pool.js';

/** Of one stage: records that validate maps anew, or events as their stage knew them. */
export type DueLetters =
  | { readonly kind: 'records'; readonly stage: string; readonly records: readonly RedrivenRecord[] }
  | { readonly kind: 'events'; readonly stage: string; readonly events: readonly DeferredRecord[] };

interface LetterRow {
  readonly stage: string;
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
  readonly part: number | null;
  readonly holder: number;
  readonly letter: EarlierLetter;
  readonly event: Record<string, unknown> | null;
  readonly context: JsonObject;
  readonly processed: string[];
  readonly raw: Uint8Array | null;
  readonly stream: string | null;
}

/** Does one wait that is due? */
export async function isLetterDue(db: Queryable, source: string, now: Date): Promise<boolean> {
  const { rows } = await db.query<{ due: boolean }>(
    'select exists(select from deferred where source = $1 and attempts = 0 and next_at <= $2) as due',
    [source, now],
  );
  return rows[0]!.due;
}

/**
 * Those of the stage that has waited longest. Bytes of a record that several letters share count once and come with the
 * first of them; they are read only for rows within the bounds.
 */
export async function findDueLetters(db: Queryable, query: QueueBounds): Promise<DueLetters | undefined> {
  const { rows } = await db.query<LetterRow>(
    `with due as (
       select stage, next_at, epoch, page, ordinal, letter from deferred
        where source = $1 and attempts = 0 and next_at <= $3
          and stage = (select stage from deferred where source = $1 and attempts = 0 and next_at <= $3 and stage = any($2::text[])
                        order by next_at, epoch, page, ordinal limit 1)
        order by next_at, epoch, page, ordinal limit $4
     ), kept as (
       select due.stage, due.next_at, epoch, page, ordinal, due.letter, l.part, l.context, l.processed,
              coalesce(l.holder, ordinal) as holder, l.event ->> 'stream' as stream,
              case when due.stage not in ('validate', 'persist') then l.event end as event,
              due.stage in ('validate', 'persist')
                and row_number() over (partition by epoch, page, coalesce(l.holder, ordinal) order by due.next_at, ordinal) = 1 as brings_raw
         from due join dead_letters l using (epoch, page, ordinal) where l.source = $1
     ), sized as (
       select kept.*, coalesce(octet_length(event::text), 0) + octet_length(kept.context::text)
                + case when brings_raw then (select octet_length(raw) from dead_letters h
                                              where h.source = $1 and h.epoch = kept.epoch and h.page = kept.page and h.ordinal = kept.holder) else 0 end as bytes
         from kept
     ), bounded as (
       select sized.*, sum(bytes) over (order by next_at, epoch, page, ordinal) - bytes as bytes_before from sized
     )
     select stage, epoch, page, ordinal, part, holder, letter, stream, event, context, processed,
            case when brings_raw then (select raw from dead_letters h
                                        where h.source = $1 and h.epoch = bounded.epoch and h.page = bounded.page and h.ordinal = bounded.holder) end as raw
       from bounded where bytes_before < $5
      order by next_at, epoch, page, ordinal`,
    [query.source, query.stages, query.now, query.eventsMax, query.bytesMax],
  );
  const stage = rows[0]?.stage;
  if (stage === undefined) return undefined;
  if (stage === 'validate') return { kind: 'records', stage, records: rows.map(recordOf) };
  return { kind: 'events', stage, events: rows.map(eventOf) };
}

function recordOf({ epoch, page, ordinal, part, holder, letter, stream, raw }: LetterRow): RedrivenRecord {
  return { epoch, page, ordinal, part, holder, letter, stream, record: raw };
}

/** What Postgres refused is kept as text. */
function eventOf({ epoch, page, ordinal, letter, event, context, processed, raw }: LetterRow): DeferredRecord {
  const kept = event ?? (JSON.parse(Buffer.from(raw!).toString()) as Record<string, unknown>);
  return { epoch, page, ordinal, letter, event: kept, context, processed, attempts: 0 };
}
