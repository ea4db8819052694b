// The end of a source, whoever asks for it. In an order in which it can be killed anywhere and asked for again: marked, so
// that nothing starts it; ended; emptied; and only then forgotten.
import { rm } from 'node:fs/promises';
import type { Client } from '@temporalio/client';
import { sourceDirectory } from '../../activities/source-context.js';
import type { Pool } from '../../store/pool.js';
import { fenceRuns, finishRemoval, markRemoval, removeRows, type EventsWord } from '../../store/remove-source.js';
import { removeSchedule } from '../schedules.js';
import type { Command } from '../stack/stack-access.js';
import { followSync } from '../sync/follow-sync.js';
import { findRunning } from '../sync/start-sync.js';
import { progressLine } from '../terminal/progress-line.js';
import { shareLine } from '../terminal/share-line.js';
import { userName } from '../user-name.js';

/** Pages in flight commit within seconds; a run that takes longer is terminated, which loses nothing that is committed. */
const stopMsMax = 20_000;

export interface Removal {
  readonly command: Command;
  readonly client: Client;
  readonly pool: Pool;
  readonly source: string;
  readonly events: EventsWord;
  /** By the ledger, as it was before. */
  readonly stored: number;
}

export interface Removed {
  /** Events that were deleted. */
  readonly removed: number;
  /** It had one. */
  readonly schedule: boolean;
  readonly run: 'stopped' | 'terminated' | null;
}

export async function removeSource(removal: Removal): Promise<Removed> {
  const {
    command: { terminal, config },
    client,
    pool,
    source,
    events,
    stored,
  } = removal;
  const { removedAt } = await markRemoval(pool, source, events, userName());
  const schedule = await removeSchedule(client, source);
  const run = await endRun(removal);
  if (removedAt === null) await fenceRuns(pool, source);
  const line = shareLine(terminal, 'event', stored, `removing ${source}`);
  const removed = await removeRows(pool, source, events, (done) => line.show(done)).finally(() => line.end());
  await rm(sourceDirectory(config.home, source), { recursive: true, force: true });
  if (removedAt === null) await finishRemoval(pool, source, events);
  return { removed, schedule, run };
}

/** How the run that was at work ended; null where there was none. */
async function endRun({ command: { terminal }, client, source }: Removal): Promise<'stopped' | 'terminated' | null> {
  const running = await findRunning(client, source);
  if (running === undefined) return null;
  const handle = client.workflow.getHandle(running.handle.workflowId);
  // It may end by itself meanwhile.
  await handle.signal('stop').catch(() => undefined);
  const line = progressLine(terminal, source);
  // However it ends: what failed is told by whoever started it.
  await followSync(client, running, line, AbortSignal.timeout(stopMsMax)).catch(() => undefined);
  line.end();
  if ((await findRunning(client, source)) === undefined) return 'stopped';
  await handle.terminate(`${source} is being removed by ${userName()}`).catch(() => undefined);
  return 'terminated';
}
