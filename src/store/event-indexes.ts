// Indexes for what a catalogue says its types can be found by: authors, paths, commits. Each holds one type. Those of the
// sources that come with Tributary are in sql/, for the same conditions (reading/event-conditions.ts).
//
// A plain `create index` would keep every writer waiting while Postgres reads the events there are, and `concurrently` is not
// for partitioned tables. So the table gets an index `on only` itself, which holds no rows; each partition gets an
// index of its own, `concurrently`, and that is attached to the table's. Partitions made later have the index from the
// start.
import { createHash } from 'node:crypto';
import type { EventType } from '../domain/catalogue.js';
import { limits } from '../limits.js';
import { quoted } from './event-views.js';
import { indexedPath, literal } from './reading/event-conditions.js';
import type { Pool, Session } from './pool.js';

export interface EventIndex {
  readonly name: string;
  readonly of: string;
  /** All that stands behind the table in its statement. */
  readonly definition: string;
}

/** By name; at most 63 bytes with what `partName` adds. */
export function indexesOf({ type, filters = {} }: EventType): EventIndex[] {
  const where = `where type = ${literal(type)}`;
  const { author = false, path = false, commit } = filters;
  return [
    ...(author ? [indexOf(type, 'author', `using gin (author_words(data)) ${where}`)] : []),
    ...(path ? [indexOf(type, 'path', `using btree (${indexedPath('data')}) ${where}`)] : []),
    // A change is found by its commit's source and time.
    ...(commit === 'id' ? [indexOf(type, 'commit', `using btree (id) ${where}`)] : []),
  ];
}

/** Another definition is another index: one that exists is never wrong. */
function indexOf(type: string, what: string, definition: string): EventIndex {
  const word = type.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return {
    name: `events_by_${what}_${word.slice(0, 20)}_${shortHash(definition)}`,
    of: `${type} by ${what}`,
    definition,
  };
}

function partName(index: EventIndex, partition: string): string {
  return `${index.name}_${shortHash(partition)}`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 10);
}

/**
 * Made by the owner of the schema while the work goes on; returns when the indexes are there, or `signal` ends it. A
 * line for each that could not be made: its search works, and reads all events of the type. The next worker to start
 * goes on.
 */
export async function makeEventIndexes(
  owner: Pool,
  types: readonly EventType[],
  signal: AbortSignal,
): Promise<string[]> {
  const missing = await listMissing(owner, types.flatMap(indexesOf));
  if (missing.length === 0) return [];
  const problems: string[] = [];
  await withSession(owner, signal, async (session) => {
    // Not waited for: whoever waits holds a snapshot, which `concurrently` waits for in turn. The other worker makes them.
    if (!(await isMine(session))) return;
    for (const index of missing) {
      const problem = await made(session, index, signal).catch(problemOf);
      if (signal.aborted) return;
      if (problem !== null) problems.push(`the index of ${index.of} is not made: ${problem}`);
    }
  });
  return problems;
}

async function isMine(session: Session): Promise<boolean> {
  const { rows } = await session.query<{ mine: boolean }>(
    `select pg_try_advisory_lock(hashtext('tributary.indexes')) as mine`,
  );
  return rows[0]!.mine;
}

/** In a session of its own, which is closed afterwards with all that was set in it. */
async function withSession(owner: Pool, signal: AbortSignal, work: (session: Session) => Promise<void>): Promise<void> {
  const session = await owner.connect();
  // Heard as the error of the statement that runs.
  session.on('error', () => {});
  const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
  const cancel = (): void => void owner.query('select pg_cancel_backend($1)', [rows[0]!.pid]).catch(() => undefined);
  signal.addEventListener('abort', cancel);
  try {
    await session.query('set statement_timeout = 0');
    await work(session);
  } finally {
    signal.removeEventListener('abort', cancel);
    // The lock is released before the session is closed, which takes its time: the next to ask should find the lock
    // free.
    await session.query('select pg_advisory_unlock_all()').catch(() => undefined);
    session.release(true);
  }
}

async function listMissing(owner: Pool, wanted: readonly EventIndex[]): Promise<EventIndex[]> {
  if (wanted.length === 0) return [];
  const { rows } = await owner.query<{ name: string }>(
    `select c.relname as name from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'events'::regclass and i.indisvalid`,
  );
  const there = new Set(rows.map(({ name }) => name));
  return wanted.filter(({ name }) => !there.has(name));
}

async function made(session: Session, index: EventIndex, signal: AbortSignal): Promise<string | null> {
  const { name, definition } = index;
  if ((await countOthers(session, name)) >= limits.eventIndexesMax) {
    return `there are ${limits.eventIndexesMax} already, and each costs every event a look at its type`;
  }
  // These two lock out writers, for a moment; but whoever waits for such a lock has them wait behind it.
  await boundedLocks(session, `create index if not exists ${quoted(name)} on only events ${definition}`);
  for (const { partition, part, valid } of await listUnjoined(session, index)) {
    signal.throwIfAborted();
    // What an attempt that was ended left behind.
    if (valid === false) await session.query(`drop index concurrently ${quoted(part)}`);
    if (valid !== true) {
      await session.query(`create index concurrently ${quoted(part)} on ${quoted(partition)} ${definition}`);
    }
    await boundedLocks(session, `alter index ${quoted(name)} attach partition ${quoted(part)}`);
  }
  return null;
}

async function boundedLocks(session: Session, statement: string): Promise<void> {
  await session.query(`set lock_timeout = ${limits.indexLockMs}`);
  await session.query(statement);
  await session.query('set lock_timeout = 0');
}

async function countOthers(session: Session, name: string): Promise<number> {
  const { rows } = await session.query<{ others: number }>(
    `select count(*)::integer as others from pg_index i join pg_class c on c.oid = i.indexrelid
      where i.indrelid = 'events'::regclass and c.relname ~ '^events_by_(author|path|commit)_.' and c.relname <> $1`,
    [name],
  );
  return rows[0]!.others;
}

interface Unjoined {
  readonly partition: string;
  readonly part: string;
  /** Undefined: there is none. */
  readonly valid: boolean | undefined;
}

async function listUnjoined(session: Session, index: EventIndex): Promise<Unjoined[]> {
  const { rows: partitions } = await session.query<{ name: string }>(
    `select c.relname as name from pg_inherits h join pg_class c on c.oid = h.inhrelid
      where h.inhparent = 'events'::regclass and not exists (
        select from pg_inherits joined join pg_index i on i.indexrelid = joined.inhrelid
         where joined.inhparent = to_regclass($1) and i.indrelid = c.oid)
      order by c.relname`,
    [quoted(index.name)],
  );
  const names = partitions.map(({ name }) => partName(index, name));
  const { rows } = await session.query<{ name: string; valid: boolean }>(
    `select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid where c.relname = any($1)`,
    [names],
  );
  const found = new Map(rows.map(({ name, valid }) => [name, valid]));
  return partitions.map(({ name }, at) => ({ partition: name, part: names[at]!, valid: found.get(names[at]!) }));
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
