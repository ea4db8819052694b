// Rows of `source_cursors`: where reading stands and which run may move it. Locking this row is the first thing any
// writer of a source does, so writers of one source queue here and never deadlock.
import type { Queryable, Session } from './pool.js';

export interface CursorRow {
  readonly source: string;
  readonly epoch: number;
  readonly runId: string | null;
  /** Last committed page of the epoch; 0 when it has none. */
  readonly seq: number;
  readonly cursor: unknown;
  readonly digest: string;
  readonly updatedAt: Date;
  /** Of the chain of digests. */
  readonly links: number;
}

const columns = `source, epoch, run_id as "runId", seq, cursor, digest, updated_at as "updatedAt",
  links::float8 as links`;

export async function lockCursor(session: Session, source: string): Promise<CursorRow | undefined> {
  const { rows } = await session.query<CursorRow>(
    `select ${columns} from source_cursors where source = $1 for update`,
    [source],
  );
  return rows[0];
}

export async function findCursor(db: Queryable, source: string): Promise<CursorRow | undefined> {
  const { rows } = await db.query<CursorRow>(`select ${columns} from source_cursors where source = $1`, [source]);
  return rows[0];
}

/** Gives the source to a run: every page of older epochs is refused from here on. */
export async function takeCursor(session: Session, source: string, runId: string): Promise<number> {
  const { rows } = await session.query<{ epoch: number }>(
    `update source_cursors set epoch = epoch + 1, run_id = $2, seq = 0, updated_at = now() where source = $1 returning epoch`,
    [source, runId],
  );
  return rows[0]!.epoch;
}

export async function moveCursor(
  session: Session,
  move: { readonly source: string; readonly seq: number; readonly cursor: unknown; readonly digest: string },
): Promise<void> {
  await session.query(
    `update source_cursors set seq = $2, cursor = $3, digest = $4, updated_at = clock_timestamp() where source = $1`,
    [move.source, move.seq, move.cursor === null ? null : JSON.stringify(move.cursor), move.digest],
  );
}
