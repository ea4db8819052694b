// Rows of `deferred`: events a stage put off. Committed with their page, so the position moves on and nothing is lost.
import type { PageKey } from '../domain/page.js';
import type { Session } from './pool.js';

export interface DeferredEvent {
  readonly ordinal: number;
  /** The stage that put it off, and where it goes on. */
  readonly stage: string;
  readonly event: Record<string, unknown>;
  readonly context: Record<string, unknown>;
  readonly nextAt: Date;
  readonly error: string | null;
}

export async function insertDeferred(session: Session, page: PageKey, events: readonly DeferredEvent[]): Promise<void> {
  if (events.length === 0) return;
  await session.query(
    `insert into deferred (source, epoch, page, ordinal, stage, event, context, next_at, error)
     select $1, $2, $3, ordinal, stage, event, context, next_at, error
       from unnest($4::integer[], $5::text[], $6::jsonb[], $7::jsonb[], $8::timestamptz[], $9::text[])
         as put_off(ordinal, stage, event, context, next_at, error)`,
    [
      page.source,
      page.epoch,
      page.seq,
      events.map((event) => event.ordinal),
      events.map((event) => event.stage),
      events.map((event) => JSON.stringify(event.event)),
      events.map((event) => JSON.stringify(event.context)),
      events.map((event) => event.nextAt),
      events.map((event) => event.error),
    ],
  );
}
