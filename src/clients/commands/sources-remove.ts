// tributary sources remove: a source and what belongs to it; its events stay or go by a person's word. In an order in which
// it can be killed anywhere and typed again: marked, so that nothing starts it; ended; emptied; and only then forgotten.
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import type { Client } from '@temporalio/client';
import { sourceDirectory } from '../../activities/source-context.js';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { Pool } from '../../store/pool.js';
import { fenceRuns, finishRemoval, markRemoval, removeRows, type EventsWord } from '../../store/remove-source.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { amount, counted } from '../terminal/figures.js';
import { followSync } from '../sync/follow-sync.js';
import { existingSource } from '../sources/known-source.js';
import { progressLine } from '../terminal/progress-line.js';
import { removeSchedule } from '../schedules.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { findRunning } from '../sync/start-sync.js';
import { shareLine } from '../terminal/share-line.js';
import { userName } from '../user-name.js';

export interface RemovalWords {
  readonly keepEvents?: true;
  readonly deleteEvents?: true;
  readonly yes?: true;
}

/** Pages in flight commit within seconds; a run that takes longer is terminated, which loses nothing that is committed. */
const stopMsMax = 20_000;

export async function removeCommand(command: Command, id: string, words: RemovalWords): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const events = eventsWord(words);
  const { terminal, config } = command;
  if (words.yes !== true && (terminal.json || !process.stdin.isTTY))
    throw new InvalidInput('yes', 'is missing; where nobody can be asked, expected --yes');
  const stack = await openStack(command);
  const client = await connectTemporal(config, stack);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      const status = existingSource((await listSourceStatus(pool, source, true))[0], source);
      if (words.yes !== true && !(await agreed(status, events))) return exitCodes.failed;
      return remove({ command, client, pool, source, events, stored: status.inserted });
    });
  } finally {
    await client.connection.close();
  }
}

function eventsWord({ keepEvents, deleteEvents }: RemovalWords): EventsWord {
  if ((keepEvents === undefined) === (deleteEvents === undefined)) {
    throw new InvalidInput('events', 'expected either --keep-events or --delete-events');
  }
  return keepEvents === undefined ? 'delete' : 'keep';
}

async function agreed({ id, inserted, deferred, dead }: SourceStatus, events: EventsWord): Promise<boolean> {
  const what = `${amount(inserted, 'event')}, ${counted(deferred)} deferred, ${amount(dead, 'dead letter')}`;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asked.question(
      `${id}: ${what} ${events === 'keep' ? 'are kept' : 'are deleted for ever'}; type the id to remove it: `,
    );
    return answer.trim() === id;
  } finally {
    asked.close();
  }
}

interface Removal {
  readonly command: Command;
  readonly client: Client;
  readonly pool: Pool;
  readonly source: string;
  readonly events: EventsWord;
  /** By the ledger, as it was before. */
  readonly stored: number;
}

async function remove(removal: Removal): Promise<number> {
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
  terminal.item({ outcome: 'removed', source, events: events === 'keep' ? 'kept' : 'deleted', removed, schedule, run });
  terminal.hint(
    `${source} is removed${events === 'keep' ? '; its events stay, and `tributary verify` proves them as before' : `, with ${amount(removed, 'event')}`}`,
  );
  if (events === 'keep') terminal.say(`  to have it again   the sync that made it; it goes on where it stood`);
  return exitCodes.fine;
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
