// A pause and its end, for programs.
import type { Pause } from '../../domain/pause.js';
import { endTime } from '../../queries/option-values.js';
import { endPause, keepPause, pauseRun, resumeRun } from '../sync/pause-source.js';
import { userName } from '../user-name.js';
import type { Links } from './links.js';
import { silent } from './running-sync.js';

/** Why, for how long, and who says so; each is shown to people who look at the source. */
export interface PauseRequest {
  /** At most 500 characters. */
  readonly reason?: string | undefined;
  /** A moment to come, or how long from now (`90m`, `24h`, `7d`); without it until somebody resumes it. */
  readonly until?: Date | string | undefined;
  /** Else the user this process runs as. */
  readonly by?: string | undefined;
}

/** What came of a pause. */
export interface Paused {
  /** `pausing`: it was told, and pages in flight had not committed after a minute; it stands when they have. */
  readonly outcome: 'paused' | 'pausing';
  readonly source: string;
  /** Events inserted by the run that was paused; null when none runs. */
  readonly inserted: number | null;
}

/** What was found when a pause was taken away. */
export interface Resumed {
  /** It was paused until now. */
  readonly paused: boolean;
  /** A sync of it runs, and goes on; without one the next `sync` reads on where it stood. */
  readonly running: boolean;
}

export async function pause(links: Links, source: string, { reason, until, by }: PauseRequest): Promise<Paused> {
  const end = endTime('until', until instanceof Date ? until.toISOString() : until);
  const kept: Pause = { reason: reason ?? null, until: end?.toISOString() ?? null, by: by ?? userName() };
  await keepPause(links.pool, source, kept);
  const progress = await pauseRun(await links.temporal(), source, kept, silent);
  const paused = progress === null || progress?.state === 'paused';
  return { outcome: paused ? 'paused' : 'pausing', source, inserted: progress?.inserted ?? null };
}

export async function resume(links: Links, source: string): Promise<Resumed> {
  const paused = await endPause(links.pool, source);
  return { paused, running: await resumeRun(await links.temporal(), source) };
}
