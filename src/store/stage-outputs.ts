// Rows of `stage_outputs`: what a recorded stage answered for the events of a page. First writer wins, event by event.
import type { JsonObject } from '../domain/event.js';
import type { PageKey } from '../domain/page.js';
import type { Queryable, Session } from './pool.js';

export interface StageOutput {
  readonly ordinal: number;
  readonly answer: 'advance' | 'remove' | 'defer';
  /** The whole context after the stage; null when it is empty. */
  readonly context: JsonObject | null;
  readonly nextAt: Date | null;
  readonly error: string | null;
}

/** How many were written: fewer than given when another attempt had answered for some. */
export async function insertStageOutputs(
  db: Queryable,
  page: PageKey,
  stage: string,
  outputs: readonly StageOutput[],
): Promise<number> {
  const { rowCount } = await db.query(
    `insert into stage_outputs (source, epoch, page, stage, ordinal, answer, context, next_at, error)
     select $1, $2, $3, $4, ordinal, answer, context, next_at, error
       from unnest($5::integer[], $6::text[], $7::jsonb[], $8::timestamptz[], $9::text[])
         as given(ordinal, answer, context, next_at, error)
     on conflict (source, epoch, page, stage, ordinal) do nothing`,
    [
      page.source,
      page.epoch,
      page.seq,
      stage,
      outputs.map(({ ordinal }) => ordinal),
      outputs.map(({ answer }) => answer),
      outputs.map(({ context }) => (context === null ? null : JSON.stringify(context))),
      outputs.map(({ nextAt }) => nextAt),
      outputs.map(({ error }) => error),
    ],
  );
  return rowCount ?? 0;
}

export async function listStageOutputs(db: Queryable, page: PageKey, stage: string): Promise<StageOutput[]> {
  const { rows } = await db.query<StageOutput>(
    `select ordinal, answer, context, next_at as "nextAt", error from stage_outputs
      where source = $1 and epoch = $2 and page = $3 and stage = $4`,
    [page.source, page.epoch, page.seq, stage],
  );
  return rows;
}

export async function deleteStageOutputs(session: Session, page: PageKey): Promise<void> {
  await session.query('delete from stage_outputs where source = $1 and epoch = $2 and page = $3', [
    page.source,
    page.epoch,
    page.seq,
  ]);
}

/** Of pages that older epochs left behind: nobody will ask for them. */
export async function releaseStageOutputs(session: Session, source: string, epoch: number): Promise<void> {
  await session.query('delete from stage_outputs where source = $1 and epoch < $2', [source, epoch]);
}
