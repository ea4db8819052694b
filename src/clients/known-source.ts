// Nothing found of a source is an answer, of a source nobody knows a mistake.
import { InvalidInput } from '../domain/errors.js';
import type { Pool } from '../store/pool.js';
import { findSource } from '../store/sources.js';

/** Throws InvalidInput. */
export async function assertSourceKnown(pool: Pool, source: string): Promise<void> {
  if ((await findSource(pool, source)) === undefined) throw new InvalidInput('source', `no source ${source} is known; \`tributary status\` lists them`);
}
