// keepPause: what was said by signal becomes a row, so that it outlives the run.
import type { Pause } from '../domain/pause.js';
import { deletePause, savePause } from '../store/pauses.js';
import type { Pool } from '../store/pool.js';

export interface KeepPauseInput {
  readonly source: string;
  /** Null: resumed. */
  readonly pause: Pause | null;
}

export async function keepPause(pool: Pool, { source, pause }: KeepPauseInput): Promise<void> {
  if (pause === null) await deletePause(pool, source);
  else await savePause(pool, source, pause);
}
