// Rows of `sources`: what is configured, and what was pinned when it was created.
import { InvalidInput } from '../domain/errors.js';
import type { Configured } from '../domain/source-revision.js';
import type { Queryable, Session } from './pool.js';

export interface SourceRow extends Configured {
  readonly id: string;
  readonly type: string;
  readonly origin: string;
  /** Which events are the same: a source keeps what it began with. */
  readonly identityVersion: number;
  readonly canonicaliserVersion: number;
}

export interface FoundSource extends SourceRow {
  /** Somebody removes it, or did: with its events, or without. */
  readonly removal: 'keep' | 'delete' | null;
  /** Null while that is under way. */
  readonly removedAt: Date | null;
}

const columns = `id, type, options, settings, origin, identity_version as "identityVersion",
  canonicaliser_version as "canonicaliserVersion", removal, removed_at as "removedAt"`;

export async function findSource(db: Queryable, id: string): Promise<FoundSource | undefined> {
  const { rows } = await db.query<FoundSource>(`select ${columns} from sources where id = $1`, [id]);
  return rows[0];
}

/** Creates the source with its cursor at the start; of two creators one wins and both read the same row afterwards. */
export async function createSource(db: Queryable, source: SourceRow, initialDigest: string): Promise<void> {
  await db.query(
    `with created as (
       insert into sources (id, type, options, settings, origin, identity_version, canonicaliser_version)
       values ($1, $2, $3, $8, $4, $5, $6)
       on conflict (id) do nothing
       returning id
     )
     insert into source_cursors (source, digest) select id, $7 from created`,
    [
      source.id,
      source.type,
      JSON.stringify(source.options),
      source.origin,
      source.identityVersion,
      source.canonicaliserVersion,
      initialDigest,
      JSON.stringify(source.settings),
    ],
  );
}

/** Writes what may change of a source: options that do not form its origin, and settings. A removed one is there again. */
export async function configureSource(db: Queryable, id: string, { options, settings }: Configured): Promise<void> {
  await db.query('update sources set options = $2, settings = $3, removal = null, removed_at = null where id = $1', [
    id,
    JSON.stringify(options),
    JSON.stringify(settings),
  ]);
}

/** Until the transaction ends the source is not marked as removed either; who would mark it waits. */
export async function assertNotRemoved(session: Session, id: string): Promise<void> {
  const { rows } = await session.query<Pick<FoundSource, 'removal'>>(
    'select removal from sources where id = $1 for share',
    [id],
  );
  if (rows[0]?.removal !== null) throw new InvalidInput('source', `${id} was removed, and takes no more events`);
}

/** Removes a source that its first run could not read at all; false, and nothing removed, when there is anything of it. */
export async function forgetUnreadSource(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query<{ forgotten: boolean }>('select forget_unread_source($1) as forgotten', [id]);
  return rows[0]!.forgotten;
}

/** In order, at most so many. */
export async function listSourceIds(db: Queryable, rowsMax = 10_000): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from sources where removed_at is null order by id limit $1',
    [rowsMax],
  );
  return rows.map(({ id }) => id);
}

/** Those whose events are being deleted: nothing can be proved of what is half gone. */
export async function listGoingSources(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(`select id from sources where removal = 'delete'`);
  return rows.map(({ id }) => id);
}

/** Those of these ids whose source was removed and is not there again; an unknown id is not among them. */
export async function listRemoved(db: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from unnest($1::text[]) as asked(id)
      where exists (select from sources s where s.id = asked.id and s.removed_at is not null)
         or (exists (select from source_removals r where r.source = asked.id)
             and not exists (select from sources s where s.id = asked.id))`,
    [ids],
  );
  return rows.map(({ id }) => id);
}
