// Rows of `source_state`: what a cursor is too small to hold. Changed only together with the page that carries the patch.
// A key longer than an index takes stands whole beside the one that names the row.
import { boundedKey } from '../domain/bounded-key.js';
import type { Json } from '../domain/event.js';
import type { StatePatch, StateRange, StateRow } from '../domain/source-state.js';
import { changesOf, removalsOf, stateRows } from './chain.js';
import type { Queryable, Session } from './pool.js';

export async function findState(db: Queryable, source: string, kind: string, key: string): Promise<Json | undefined> {
  const { rows } = await db.query<{ value: Json }>(
    'select value from source_state where source = $1 and kind = $2 and key = $3',
    [source, kind, boundedKey(key)],
  );
  return rows[0]?.value;
}

/** In the order of the keys' bytes. One statement, whatever the number of rows: never more than `limit` are in memory. */
export async function scanState(
  db: Queryable,
  source: string,
  kind: string,
  { after, until, limit }: StateRange,
): Promise<StateRow[]> {
  const { rows } = await db.query<StateRow>(
    `select coalesce(whole_key, key) as key, value from source_state
      where source = $1 and kind = $2 and ($3::text is null or source_state.key > $3) and ($4::text is null or source_state.key <= $4)
      order by source_state.key limit $5`,
    [
      source,
      kind,
      after === undefined ? null : boundedKey(after),
      until === undefined ? null : boundedKey(until),
      limit,
    ],
  );
  return rows;
}

export async function countState(db: Queryable, source: string, kind: string): Promise<number> {
  const { rows } = await db.query<{ rows: string }>(
    'select count(*) as rows from source_state where source = $1 and kind = $2',
    [source, kind],
  );
  return Number(rows[0]!.rows);
}

/** Later patches of one key win over earlier ones. Part of a transaction that ends with a link of the chain. */
export async function applyStatePatch(session: Session, source: string, patches: readonly StatePatch[]): Promise<void> {
  const last = [...new Map(patches.map((patch) => [`${patch.kind}\n${patch.key}`, patch])).values()];
  await removeState(
    session,
    source,
    last.filter((patch) => patch.value === null),
  );
  await putState(
    session,
    source,
    last.filter((patch) => patch.value !== null),
  );
}

async function removeState(session: Session, source: string, patches: readonly StatePatch[]): Promise<void> {
  if (patches.length === 0) return;
  await session.query(
    `with gone as (
       delete from source_state using unnest($2::text[], $3::text[]) as old(kind, key)
        where source = $1 and source_state.kind = old.kind and source_state.key = old.key
        returning source_state.*
     ) ${removalsOf(stateRows, 'gone', '$1')}`,
    [source, patches.map((patch) => patch.kind), patches.map((patch) => boundedKey(patch.key))],
  );
}

async function putState(session: Session, source: string, patches: readonly StatePatch[]): Promise<void> {
  if (patches.length === 0) return;
  await session.query(
    `with put as (
       insert into source_state (source, kind, key, value, whole_key)
       select $1, kind, key, value, whole_key
         from unnest($2::text[], $3::text[], $4::jsonb[], $5::text[]) as new(kind, key, value, whole_key)
       on conflict (source, kind, key) do update set value = excluded.value
       returning *
     ) ${changesOf(stateRows, 'put', '$1')}`,
    [
      source,
      patches.map((patch) => patch.kind),
      patches.map((patch) => boundedKey(patch.key)),
      patches.map((patch) => JSON.stringify(patch.value)),
      patches.map(({ key }) => (boundedKey(key) === key ? null : key)),
    ],
  );
}
