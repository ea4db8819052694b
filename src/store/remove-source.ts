// Takes a source away, with its events or without, in transactions that are short whatever it has: marked first, so that no
// run opens any more; then fenced, so that none writes; then table by table in batches. Killed in between, it is repeated.
// As the owner of the database: a worker's role can delete neither events nor the ledger, and need not.
import { randomUUID } from 'node:crypto';
import { InvalidInput } from '../domain/errors.js';
import { lockCursor, takeCursor } from './cursors.js';
import type { Pool, Session } from './pool.js';
import { abandonOlderRuns, closeRun, insertRun } from './runs.js';
import { findSource, type FoundSource } from './sources.js';
import { inTransaction } from './transaction.js';

export type EventsWord = 'keep' | 'delete';

/** Rows of one transaction: an event with its hash and its index entries is 50 to 100 µs. */
const batchRows = 2_000;

/** What goes in either case: raw pages, what waits for their commit, and what was said of the source. */
const working = ['pages', 'stage_outputs', 'source_pauses', 'source_waits'] as const;
/** What goes with the events, in the order of their references; sources and source_cursors are last, in one transaction. */
const proving = [
  'outbox',
  'deferred',
  'dead_letter_decisions',
  'dead_letters',
  'commits',
  'ledger',
  'row_changes',
  'chain_links',
  'express_heads',
  'runs',
  'source_state',
] as const;

/** Every table that has rows of a source and loses them with its events; a test looks for those that are missing here. */
export const tablesOfSources: readonly string[] = [
  'events',
  'event_hashes',
  'embedding_inputs',
  ...working,
  ...proving,
  'source_cursors',
];

/** From now on no run opens. Returns the source as it is; throws InvalidInput where it cannot be removed so. */
export async function markRemoval(pool: Pool, id: string, events: EventsWord, by: string): Promise<FoundSource> {
  return inTransaction(pool, async (session) => {
    // openRun looks under this lock.
    await lockCursor(session, id);
    const found = await findSource(session, id);
    if (found === undefined)
      throw new InvalidInput('id', `no source ${id} is known; \`tributary sources list\` shows them`);
    if (found.removal === 'delete' && events === 'keep') {
      throw new InvalidInput(
        'keep-events',
        `comes too late: events of ${id} are being deleted; expected --delete-events`,
      );
    }
    if (found.removedAt !== null && events === 'keep') return found;
    await session.query('update sources set removal = $2, removed_at = null where id = $1', [id, events]);
    if (events === 'delete') await noteRemoval(session, id, by);
    return { ...found, removal: events, removedAt: null };
  });
}

/** Once, with all there is by the ledger, which goes after the events. */
async function noteRemoval(session: Session, id: string, by: string): Promise<void> {
  await session.query(
    `insert into source_removals (source, type, origin, events, removed_by)
     select id, type, origin, (select coalesce(sum(inserted), 0) from ledger where source = $1), $2 from sources where id = $1
     on conflict (source) where removed_at is null do nothing`,
    [id, by],
  );
}

/** The removal takes the source as a run does, and ends at once: whatever run still believes to hold it writes nothing any more. */
export async function fenceRuns(pool: Pool, id: string): Promise<void> {
  const runId = `removal-${randomUUID()}`;
  await inTransaction(pool, async (session) => {
    await lockCursor(session, id);
    const { options, settings } = (await findSource(session, id))!;
    const epoch = await takeCursor(session, id, runId);
    await insertRun(
      session,
      id,
      epoch,
      { runId, firstRunId: runId, workflowId: 'tributary sources remove' },
      { options, settings, changed: {} },
    );
    await abandonOlderRuns(session, id, epoch);
    await closeRun(session, { source: id, epoch }, { outcome: 'removed', error: null, problems: [] });
  });
}

/** `told` gets the number of events removed so far, after each batch. */
export async function removeRows(
  pool: Pool,
  id: string,
  events: EventsWord,
  told: (events: number) => void,
): Promise<number> {
  for (const table of working) while ((await removeBatch(pool, table, id)) === batchRows);
  if (events === 'keep') return 0;
  let removed = 0;
  for (let batch = batchRows; batch === batchRows; told(removed)) {
    batch = await inTransaction(pool, (session) => removeEvents(session, id));
    removed += batch;
  }
  for (const table of proving) while ((await removeBatch(pool, table, id)) === batchRows);
  return removed;
}

/** What is left of it: a row that hides it, or one that tells it was there. */
export async function finishRemoval(pool: Pool, id: string, events: EventsWord): Promise<void> {
  await inTransaction(pool, async (session) => {
    if (events === 'keep') {
      await session.query(
        `update sources set settings = '{}', removed_at = now() where id = $1 and removed_at is null`,
        [id],
      );
      return;
    }
    // An attempt nobody waits for may have stored a page since; it takes a share of this row to do so.
    await session.query('select from sources where id = $1 for update', [id]);
    for (const table of [...working, 'runs', 'source_cursors'])
      await session.query(`delete from ${table} where source = $1`, [id]);
    await session.query('delete from sources where id = $1', [id]);
    await session.query(
      'update source_removals set removed_at = clock_timestamp() where source = $1 and removed_at is null',
      [id],
    );
  });
}

async function removeBatch(pool: Pool, table: string, id: string): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from ${table} where ctid = any(array(select ctid from ${table} where source = $1 limit $2))`,
    [id, batchRows],
  );
  return rowCount ?? 0;
}

/** An event goes with its hash, so that at no time one is there without the other. */
async function removeEvents(session: Session, id: string): Promise<number> {
  // By primary key, whatever the planner believes of a table that lost most of its rows a moment ago.
  for (const way of ['enable_hashjoin', 'enable_mergejoin', 'enable_seqscan'])
    await session.query(`set local ${way} = off`);
  const { rows } = await session.query<{ events: number; inputs: Buffer[] | null }>(
    `with gone as (
       delete from events where (ingested_at, source, id) in (select ingested_at, source, id from events where source = $1 limit $2)
       returning ingested_at, id
     ), forgotten as (
       delete from event_hashes where hash in (select sha256(convert_to($1 || E'\\n' || id, 'UTF8')) from gone)
     ), unasked as (
       delete from embedding_inputs i using gone
        where i.ingested_at = gone.ingested_at and i.source = $1 and i.event_id = gone.id
       returning input_hash
     )
     select (select count(*)::integer from gone) as events, (select array_agg(distinct input_hash) from unasked) as inputs`,
    [id, batchRows],
  );
  const { events, inputs } = rows[0]!;
  if (inputs !== null) await removeVectors(session, inputs);
  return events;
}

/** A vector stays while any event has its text. */
async function removeVectors(session: Session, inputs: readonly Buffer[]): Promise<void> {
  await session.query(
    `delete from embeddings e where input_hash = any($1)
        and not exists (select from embedding_inputs i where i.input_hash = e.input_hash)`,
    [inputs],
  );
}
