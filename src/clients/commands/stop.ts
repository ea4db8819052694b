// tributary stop: one signal, and the end of what it stops.
import type { Client } from '@temporalio/client';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { stackStatus, type Stack } from '../../local/stack.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { followSync } from '../sync/follow-sync.js';
import { knownSource } from '../sources/known-source.js';
import { progressLine } from '../terminal/progress-line.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import { findRunning, type StartedSync } from '../sync/start-sync.js';
import { endOfFailure, endOfResult, type SyncEnd } from '../sync/sync-end.js';
import type { Terminal } from '../terminal/terminal.js';

/** Pages in flight commit within seconds; longer means that something is away, and the signal waits for it. */
const waitMsMax = 60_000;

export async function stopCommand(command: Command, id: string): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  // Started, the stack would go on with whatever it was doing: the contrary of what is asked.
  const { stack } = await stackStatus(command.config);
  if (stack === null) return notRunning(command.terminal, source);
  const client = await connectTemporal(command.config, stack);
  try {
    const running = await findRunning(client, source);
    if (running === undefined) return await nothingRuns(command, stack, source);
    await client.workflow.getHandle(running.handle.workflowId).signal('stop');
    return await awaitEnd(command, stack, client, source, running);
  } finally {
    await client.connection.close();
  }
}

async function nothingRuns({ terminal }: Command, stack: Stack, source: string): Promise<number> {
  await withDatabase(stack.databaseUrl, (pool) => knownSource(pool, source, 'id'));
  return notRunning(terminal, source);
}

function notRunning(terminal: Terminal, source: string): number {
  terminal.item({ outcome: 'not_running', source });
  terminal.say(`no sync of ${source} is running`);
  return exitCodes.fine;
}

async function awaitEnd(
  { terminal }: Command,
  stack: Stack,
  client: Client,
  source: string,
  running: StartedSync,
): Promise<number> {
  const end = await endOf(terminal, stack, client, source, running);
  if (end === 'left') {
    terminal.item({ outcome: 'stopping', source });
    terminal.hint(`${source} was told to stop and has not ended yet; \`tributary status\` shows when it has`);
    return exitCodes.fine;
  }
  const { result, exitCode, problem } = end;
  terminal.item(result);
  terminal.say(
    `${source}: ${result.outcome.replaceAll('_', ' ')}, ${result.inserted} events inserted; the next sync goes on from there`,
  );
  if (problem !== null) terminal.note(`error: ${problem}`);
  return exitCode;
}

async function endOf(
  terminal: Terminal,
  stack: Stack,
  client: Client,
  source: string,
  running: StartedSync,
): Promise<SyncEnd | 'left'> {
  const line = progressLine(terminal, source);
  try {
    const result = await followSync(client, running, line, AbortSignal.timeout(waitMsMax));
    return result === 'left' ? 'left' : endOfResult(result);
  } catch (error) {
    return await withDatabase(stack.databaseUrl, (pool) => endOfFailure(error, pool, { source, ...running }));
  } finally {
    line.end();
  }
}
