// prepareSource: the source checks its origin, clones or fetches, and freezes what this run will read. Where reading
// starts is recorded before the activity completes, so that every later attempt reads the same.
import { mkdir } from 'node:fs/promises';
import { findCursor } from '../store/cursors.js';
import type { Pool } from '../store/pool.js';
import { findPrepared, recordPrepared } from '../store/runs.js';
import type { RunContext, RunKey } from './run-context.js';
import type { CreateSourceContext } from './source-context.js';

export interface PrepareRequest extends RunKey {
  /** A followed source is prepared again for each round. */
  readonly round: number;
}

export interface PreparedSource {
  readonly recordsExpected: number | null;
}

export async function prepareSource(
  pool: Pool,
  request: PrepareRequest,
  { source, options }: RunContext,
  sourceContext: CreateSourceContext,
  cancelled: AbortSignal,
): Promise<PreparedSource> {
  const before = await findPrepared(pool, request);
  if (before?.round === request.round) return { recordsExpected: before.recordsExpected };
  const context = sourceContext(request.source, options, cancelled);
  await mkdir(context.directory, { recursive: true, mode: 0o700 });
  const position = await findCursor(pool, request.source);
  const committed = source.cursor.parse(position?.cursor ?? source.initialCursor);
  const { cursor, recordsExpected = null } = await source.prepare(context, committed);
  await recordPrepared(pool, request, { round: request.round, cursor, recordsExpected });
  return { recordsExpected };
}
