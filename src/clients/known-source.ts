// A source by its id, where one must exist already.
import { InvalidInput } from '../domain/errors.js';
import type { Pool } from '../store/pool.js';
import { findSource, type SourceRow } from '../store/sources.js';

/** Throws InvalidInput that names the field. */
export async function knownSource(pool: Pool, id: string, field: string): Promise<SourceRow> {
  const row = await findSource(pool, id);
  if (row === undefined) throw new InvalidInput(field, `no source ${id} is known; \`tributary status\` lists them`);
  return row;
}
