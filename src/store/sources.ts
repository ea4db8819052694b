// Rows of `sources`: what is configured, and what was pinned when it was created.
import type { Queryable } from './pool.js';

export interface SourceRow {
  readonly id: string;
  readonly type: string;
  readonly options: Record<string, unknown>;
  readonly origin: string;
  /** Which events are the same: a source keeps what it began with. */
  readonly identityVersion: number;
  readonly canonicaliserVersion: number;
}

const columns = `id, type, options, origin, identity_version as "identityVersion", canonicaliser_version as "canonicaliserVersion"`;

export async function findSource(db: Queryable, id: string): Promise<SourceRow | undefined> {
  const { rows } = await db.query<SourceRow>(`select ${columns} from sources where id = $1`, [id]);
  return rows[0];
}

/** Creates the source with its cursor at the start; of two creators one wins and both read the same row afterwards. */
export async function createSource(db: Queryable, source: SourceRow, initialDigest: string): Promise<void> {
  await db.query(
    `with created as (
       insert into sources (id, type, options, origin, identity_version, canonicaliser_version)
       values ($1, $2, $3, $4, $5, $6)
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
    ],
  );
}

/** Options that do not form the origin may change from run to run; the last ones given are kept. */
export async function updateSourceOptions(db: Queryable, id: string, options: unknown): Promise<void> {
  await db.query('update sources set options = $2 where id = $1 and options <> $2::jsonb', [id, JSON.stringify(options)]);
}

/** Removes a source that its first run could not read at all; false, and nothing removed, when there is anything of it. */
export async function forgetUnreadSource(db: Queryable, id: string): Promise<boolean> {
  const { rows } = await db.query<{ forgotten: boolean }>('select forget_unread_source($1) as forgotten', [id]);
  return rows[0]!.forgotten;
}

/** In order, at most so many. */
export async function listSourceIds(db: Queryable, rowsMax = 10_000): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>('select id from sources order by id limit $1', [rowsMax]);
  return rows.map(({ id }) => id);
}
