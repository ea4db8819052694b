// Does what a plan says, by what the commands do it with: `sync`, `sources set`, `follow`, `stop`, `schedule`, `pause`,
// `sources remove`. Each change can be done twice, so whatever was cut off is completed by the next apply.
import { NeedsAttention } from '../../domain/errors.js';
import { parseSyncInput } from '../../domain/sync-input.js';
import { reviseSource } from '../../store/revise-source.js';
import { exitCodes, failureReport, isAway } from '../failure-report.js';
import { changeSchedule, removeSchedule, setSchedule } from '../schedules.js';
import { knownSource } from '../sources/known-source.js';
import { removeSource } from '../sources/remove-source.js';
import { revisedAs } from '../sources/setting-words.js';
import type { Command } from '../stack/stack-access.js';
import { beginSync, type SyncPlace } from '../sync/begin-sync.js';
import { endPause, keepPause, pauseRun, resumeRun } from '../sync/pause-source.js';
import type { SyncOrder } from '../sync/source-input.js';
import { findRunning, type StartedSync } from '../sync/start-sync.js';
import { stopSync } from '../sync/stop-sync.js';
import { progressLine } from '../terminal/progress-line.js';
import { findSource } from '../../store/sources.js';
import { firstWords } from './first-words.js';
import { byFile, type Change } from './plan.js';

export interface Applying extends SyncPlace {
  readonly command: Command;
}

export interface Applied {
  readonly change: Change;
  /** `skipped`: something before it failed, of its source or of all. */
  readonly state: 'done' | 'failed' | 'skipped';
  /** Null where it is done. */
  readonly problem: string | null;
  readonly exitCode: number;
}

/** What was started, and may fail at its first look. */
type Started = Map<Change, StartedSync>;

/** In their order. What fails of one source holds up that source; a server that is away holds up all of them. */
export async function applyChanges(applying: Applying, changes: readonly Change[]): Promise<Applied[]> {
  const [failed, started, results]: [Map<string, string>, Started, Applied[]] = [new Map(), new Map(), []];
  let away: string | undefined;
  for (const change of changes) {
    const before = away ?? failed.get(change.source);
    if (before !== undefined) {
      results.push({ change, state: 'skipped', problem: before, exitCode: exitCodes.fine });
      continue;
    }
    try {
      await make(applying, change, started);
      results.push({ change, state: 'done', problem: null, exitCode: exitCodes.fine });
    } catch (error) {
      const problem = failureOf(change, error);
      results.push(problem);
      failed.set(change.source, 'another change of it failed');
      if (isAway(error)) away = 'a server did not answer';
    }
  }
  const ends = await firstWords(applying, started);
  return results.map((one) => ({ ...one, ...ends.get(one.change) }));
}

function failureOf(change: Change, error: unknown): Applied {
  const { line, exitCode } = failureReport(error);
  return { change, state: 'failed', problem: line.replace(/^error: /, ''), exitCode };
}

async function make(applying: Applying, change: Change, started: Started): Promise<void> {
  const { command, client, pool, registry, taskQueue } = applying;
  const { source } = change;
  switch (change.change) {
    case 'create':
      return void started.set(change, await beginSync(applying, change.order, { changed: {}, mode: 'once' }));
    case 'set':
      return void (await reviseSource(pool, source, revisedAs(registry, change.revision)));
    case 'follow':
      if (change.restart) await stop(applying, source);
      return void started.set(
        change,
        await beginSync(applying, await orderOfKnown(applying, source), { changed: {}, mode: 'follow' }),
      );
    case 'end follow':
      return stop(applying, source);
    case 'schedule':
      return void (await setSchedule(client, taskQueue, source, change.times));
    case 'pause schedule':
      return changeSchedule(client, source, 'pause', byFile);
    case 'resume schedule':
      return changeSchedule(client, source, 'resume', byFile);
    case 'end schedule':
      return void (await removeSchedule(client, source));
    case 'pause':
      return pause(applying, change);
    case 'resume':
      await endPause(pool, source);
      return void (await resumeRun(client, source));
    case 'remove':
      return void (await removeSource({ command, client, pool, source, events: 'delete', stored: change.events }));
  }
}

async function orderOfKnown({ pool }: Applying, source: string): Promise<SyncOrder> {
  const { id, type, origin } = await knownSource(pool, source, 'id');
  return { id, type, origin, input: parseSyncInput({ sourceId: id }) };
}

async function stop({ command, client, pool }: Applying, source: string): Promise<void> {
  const line = progressLine(command.terminal, source);
  const end = await stopSync(client, pool, source, line).finally(() => line.end());
  if (end === 'left') throw new NeedsAttention('not_stopped', `${source} was told to stop and has not ended yet`);
}

/** A source that was started a moment ago has no row to keep the pause in: its run keeps it, before it reads anything. */
async function pause(
  { command, client, pool }: Applying,
  { source, pause: said }: Extract<Change, { change: 'pause' }>,
): Promise<void> {
  const found = await findSource(pool, source);
  if (found?.removal === null) await keepPause(pool, source, said);
  const line = progressLine(command.terminal, source);
  const progress = await pauseRun(client, source, said, line).finally(() => line.end());
  if (progress !== null && progress?.state !== 'paused' && (await findRunning(client, source)) !== undefined)
    throw new NeedsAttention('not_paused', `${source} was told to pause and has not reached a page boundary yet`);
}
