// Views of event types, made from what a source's catalogue says of their columns. Those of the sources that come with
// git are in sql/. A view is made anew when its columns change; a relation that is not ours is left as it is.
import { createHash } from 'node:crypto';
import type { EventType, EventView, ViewColumn } from '../domain/catalogue.js';
import { literal } from './reading/event-conditions.js';
import { statementFailure } from './database-failure.js';
import type { Pool, Session } from './pool.js';
import { inTransaction } from './transaction.js';

/** By the owner of the schema. A line for each view that could not be made; its events are stored all the same. */
export async function makeEventViews(owner: Pool, types: readonly EventType[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { type, view } of types) {
    const problem =
      view === undefined ? null : await inTransaction(owner, (session) => made(session, type, view)).catch(problemOf);
    if (problem !== null) problems.push(`the view ${view!.name} of ${type} is not made: ${problem}`);
  }
  return problems;
}

/** SQLSTATE. */
const dependentObjectsStillExist = '2BP01';

const marker = 'Made by Tributary from the catalogue: ';

async function made(session: Session, type: string, view: EventView): Promise<string | null> {
  const definition = definitionOf(type, view);
  const comment = `${marker}${type} ${createHash('sha256').update(definition).digest('hex').slice(0, 16)}`;
  await session.query(`select pg_advisory_xact_lock(hashtext('tributary.views'))`);
  const found = await findRelation(session, view.name);
  if (found?.comment === comment) return null;
  if (found !== undefined && !(found.kind === 'v' && found.comment?.startsWith(`${marker}${type} `) === true))
    return 'there is something of that name that is not ours';
  // Dropped and not replaced: columns may be gone or have another type. What others built on it keeps it as it is.
  if (found !== undefined && !(await isDropped(session, view.name)))
    return 'its columns changed, and something was built on it; drop that first, and the next start makes it';
  await session.query(definition);
  await session.query(`comment on view ${quoted(view.name)} is ${literal(comment)}`);
  await session.query(`do $$ begin
    if exists (select from pg_roles where rolname = 'tributary_worker') then grant select on ${quoted(view.name)} to tributary_worker; end if;
  end $$`);
  return null;
}

/** Without `cascade`: a view or a function of somebody's that reads it is not ours to drop. */
async function isDropped(session: Session, name: string): Promise<boolean> {
  await session.query('savepoint before_drop');
  try {
    await session.query(`drop view ${quoted(name)}`);
    return true;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== dependentObjectsStillExist) throw error;
    await session.query('rollback to savepoint before_drop');
    return false;
  }
}

interface Relation {
  readonly kind: string;
  readonly comment: string | null;
}

async function findRelation(session: Session, name: string): Promise<Relation | undefined> {
  const { rows } = await session.query<Relation>(
    `select relkind::text as kind, obj_description(oid, 'pg_class') as comment from pg_class where oid = to_regclass(quote_ident($1))`,
    [name],
  );
  return rows[0];
}

/** The catalogue's check lets only names, paths and types through that need no escape; they are quoted all the same. */
export function definitionOf(type: string, { name, columns }: EventView): string {
  const fields = columns.map((column) => `${expressionOf(column)} as ${quoted(column.name)}`);
  return `create view ${quoted(name)} as
    select ${['source', 'id as event_id', 'subject', 'time', 'ingested_at', ...fields].join(', ')}
      from events where type = ${literal(type)}`;
}

/** What is not of the column's type is null: one odd event must not make the view unreadable. */
function expressionOf({ type, path }: ViewColumn): string {
  const at = literal(`{${path.split('.').join(',')}}`);
  const [value, text] = [`(data #> ${at})`, `(data #>> ${at})`];
  const number = `case when jsonb_typeof${value} = 'number' then ${value}::numeric end`;
  switch (type) {
    case 'text':
      return text;
    case 'jsonb':
      return value;
    case 'boolean':
      return `case when jsonb_typeof${value} = 'boolean' then ${value}::boolean end`;
    case 'bigint':
      return `(select n::bigint from (select ${number}) as a (n) where n = trunc(n) and n between -9223372036854775808 and 9223372036854775807)`;
    case 'double precision':
      return `(select n::double precision from (select ${number}) as a (n) where abs(n) < 1e308 and (n = 0 or abs(n) > 1e-300))`;
    case 'timestamptz':
      return `event_instant(${text})`;
  }
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function problemOf(error: unknown): string {
  return statementFailure(error)?.message ?? (error instanceof Error ? error.message : String(error));
}
