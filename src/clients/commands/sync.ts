// tributary sync: start or join a sync, stay with it, and say what came of it.
import type { Client } from '@temporalio/client';
import type { Stack } from '../../local/stack.js';
import type { Pool } from '../../store/pool.js';
import { searchEvents } from '../../store/search-events.js';
import { listSourceStatus } from '../../store/source-status.js';
import { addressLines } from '../addresses.js';
import { exitCodes } from '../failure-report.js';
import { progressLine } from '../progress-line.js';
import { syncOrder, type SyncOrder, type SyncWords } from '../source-input.js';
import { openStack, withDatabase, type Command } from '../stack-access.js';
import type { StartedSync } from '../start-sync.js';
import type { SyncEnd } from '../sync-end.js';
import { summaryLines } from '../sync-summary.js';

const newestShown = 5;

interface Attachment {
  readonly command: Command;
  readonly order: SyncOrder;
  readonly stack: Stack;
  readonly client: Client;
  readonly pool: Pool;
}

export async function syncCommand(command: Command, words: SyncWords, detach: boolean): Promise<number> {
  const order = syncOrder(words);
  const stack = await openStack(command);
  const { connectTemporal } = await import('../connect.js');
  const client = await connectTemporal(command.config, stack);
  try {
    return await withDatabase(stack.databaseUrl, (pool) => run({ command, order, stack, client, pool }, detach));
  } finally {
    await client.connection.close();
  }
}

async function run(attachment: Attachment, detach: boolean): Promise<number> {
  const { command, order, client } = attachment;
  const leave = onInterrupt();
  const { startSync } = await import('../start-sync.js');
  const started = await startSync(client, command.config.taskQueue, order);
  if (started.attached) command.terminal.note(`joined the sync of ${order.id} that runs already, with the options it was started with`);
  if (detach) return left(attachment, started, started.attached ? 'already_running' : 'started');
  const end = await follow(attachment, started, leave);
  return end === 'left' ? left(attachment, started, 'detached') : tell(attachment, started, end);
}

/** Ctrl-C leaves the sync to itself; a second one ends the command at once. */
function onInterrupt(): AbortSignal {
  const leave = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leave.abort());
  return leave.signal;
}

async function follow({ command, order, client, pool }: Attachment, started: StartedSync, leave: AbortSignal): Promise<SyncEnd | 'left'> {
  const [{ followSync }, { endOfResult, endOfFailure }] = await Promise.all([import('../follow-sync.js'), import('../sync-end.js')]);
  const line = progressLine(command.terminal, order.id);
  try {
    const result = await followSync(client, started, line, leave);
    return result === 'left' ? 'left' : endOfResult(result);
  } catch (error) {
    return await endOfFailure(error, pool, { source: order.id, runId: started.runId, firstRunId: started.firstRunId });
  } finally {
    line.end();
  }
}

function left({ command: { terminal }, order }: Attachment, { handle, runId }: StartedSync, outcome: string): number {
  terminal.item({ outcome, source: order.id, workflowId: handle.workflowId, runId });
  terminal.say(`The sync of ${order.id} goes on without this command.`);
  terminal.say(`  to stop it         tributary stop ${order.id}`);
  terminal.say('  to come back to it the same command again');
  return exitCodes.fine;
}

async function tell({ command: { terminal }, order, stack, pool }: Attachment, { startedAt }: StartedSync, { result, problem, exitCode }: SyncEnd): Promise<number> {
  terminal.item(result);
  if (!terminal.json && exitCode !== exitCodes.wrongUse) {
    const [status] = await listSourceStatus(pool, order.id);
    const newest = await searchEvents(pool, { filter: { source: order.id }, order: 'newest', limit: newestShown });
    const summary = { result, elapsedMs: Date.now() - startedAt.getTime(), stored: status?.inserted ?? 0, newest, addresses: addressLines(stack) };
    for (const line of summaryLines(summary, terminal)) terminal.say(line);
  }
  if (problem !== null) terminal.note(`${exitCode === exitCodes.attention ? 'needs attention' : 'error'}: ${problem}`);
  return exitCode;
}
