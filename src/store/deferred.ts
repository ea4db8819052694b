// Rows of `deferred`: events a stage deferred. Committed with their page, so the position moves on and nothing is lost.
import type { DeferredRecord } from '../domain/queue-page.js';
import type { QueueBounds, RemovedRows } from '../domain/queue.js';
import type { PageKey } from '../domain/page.js';
import type { PutOffEvent, Return } from '../domain/stage.js';
import { changesOf, deferredRows, removalsOf } from './chain.js';
import type { Queryable, Session } from './pool.js';

/** `returned`: what those that come back have been through. */
export async function insertDeferred(
  session: Session,
  page: PageKey,
  events: readonly PutOffEvent[],
  returned: ReadonlyMap<number, Return>,
): Promise<void> {
  if (events.length === 0) return;
  await session.query(
    `with made as (
     insert into deferred (source, epoch, page, ordinal, stage, event, context, processed, attempts, next_at, error, letter)
     select $1, $2, $3, ordinal, stage, event, context, array(select jsonb_array_elements_text(processed)), attempts, next_at, error, letter
       from unnest($4::integer[], $5::text[], $6::jsonb[], $7::jsonb[], $8::jsonb[], $9::integer[], $10::timestamptz[], $11::text[],
                   $12::jsonb[])
         as put_off(ordinal, stage, event, context, processed, attempts, next_at, error, letter)
     returning *
     ) ${changesOf(deferredRows, 'made', '$1')}`,
    [
      page.source,
      page.epoch,
      page.seq,
      events.map((event) => event.ordinal),
      events.map((event) => event.stage),
      events.map((event) => JSON.stringify(event.event)),
      events.map((event) => JSON.stringify(event.context)),
      events.map((event) => JSON.stringify(event.processed)),
      events.map((event) => event.attempts),
      events.map((event) => event.nextAt),
      events.map((event) => event.error),
      events.map(({ ordinal }) => jsonOrNull(returned.get(ordinal)?.letter)),
    ],
  );
}

function jsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** Does an event wait that is due? One without an attempt is a redriven letter (due-letters.ts). */
export async function isEventDue(db: Queryable, source: string, now: Date): Promise<boolean> {
  const { rows } = await db.query<{ due: boolean }>(
    'select exists(select from deferred where source = $1 and attempts > 0 and next_at <= $2) as due',
    [source, now],
  );
  return rows[0]!.due;
}

export interface DueStage {
  readonly source: string;
  /** Null for redriven letters, which any run takes. */
  readonly stage: string | null;
}

/** Of all these sources at once: whose events are due, and which stage takes them back. */
export async function listDueStages(db: Queryable, sources: readonly string[]): Promise<readonly DueStage[]> {
  const { rows } = await db.query<DueStage>(
    `select distinct source, case when attempts > 0 then stage end as stage
       from deferred where source = any($1::text[]) and next_at <= now()`,
    [sources],
  );
  return rows;
}

interface DeferredRow extends DeferredRecord {
  readonly stage: string;
}

export interface DueEvents {
  readonly stage: string;
  readonly records: readonly DeferredRecord[];
}

/**
 * What is due of the stage that has waited longest, longest first: what is deferred again goes to the end of the line.
 * Rows without an attempt are redriven letters (due-letters.ts).
 */
export async function findDueEvents(db: Queryable, query: QueueBounds): Promise<DueEvents | undefined> {
  const { rows } = await db.query<DeferredRow>(
    `select stage, epoch, page, ordinal, event, context, processed, attempts, letter
       from (select due.*, sum(octet_length(event::text) + octet_length(context::text)) over (order by next_at, epoch, page, ordinal)
                    - octet_length(event::text) - octet_length(context::text) as bytes_before
               from (select * from deferred
                      where source = $1 and attempts > 0 and next_at <= $3
                        and stage = (select stage from deferred where source = $1 and attempts > 0 and next_at <= $3 and stage = any($2::text[])
                                      order by next_at, epoch, page, ordinal limit 1)
                      order by next_at, epoch, page, ordinal limit $4) as due) as sized
      where bytes_before < $5
      order by next_at, epoch, page, ordinal`,
    [query.source, query.stages, query.now, query.eventsMax, query.bytesMax],
  );
  if (rows.length === 0) return undefined;
  return { stage: rows[0]!.stage, records: rows };
}

/** Takes the rows out, named epoch.page.ordinal, for the page that brings their events. */
export async function deleteDeferred(session: Queryable, page: PageKey, keys: readonly string[]): Promise<RemovedRows> {
  const parts = keys.map((key) => key.split('.').map(Number));
  const { rows } = await session.query<RemovedRows>(
    `with gone as (
       delete from deferred using unnest($2::integer[], $3::integer[], $4::integer[]) as key(epoch, page, ordinal)
        where deferred.source = $1 and deferred.epoch = key.epoch and deferred.page = key.page and deferred.ordinal = key.ordinal
        returning deferred.*
     ), told as (
       ${removalsOf(deferredRows, 'gone', '$1')}
     ), chain as (
       select earlier.epoch from runs as own join runs as earlier using (source, first_run_id)
        where own.source = $1 and own.epoch = $5
     )
     select count(*)::integer as rows, count(*)::integer as redriven,
            count(*) filter (where attempts > 0 and epoch in (select epoch from chain))::integer as recounted from gone`,
    [page.source, ...[0, 1, 2].map((at) => parts.map((part) => part[at])), page.epoch],
  );
  return rows[0]!;
}

export async function countDeferred(db: Queryable, source: string): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>(
    'select count(*)::integer as waiting from deferred where source = $1',
    [source],
  );
  return rows[0]!.waiting;
}
