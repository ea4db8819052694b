// A process of ours that says over its channel when it works: {type: 'ready'}, and what else it has to say.
import type { ChildProcess } from 'node:child_process';
import { dirname } from 'node:path';
import { InvalidInput, NeedsAttention } from '../domain/errors.js';
import { exitCodes } from '../domain/exit-codes.js';
import { logTail, startServerProcess, type ServerCommand, type ServerProcess } from './server-process.js';
import { until } from './until.js';

/** Loads in a second; migrations of a large database before that take longer. */
const READY_MS_MAX = 5 * 60_000;

type ReadyCommand = Pick<
  ServerCommand,
  'name' | 'arguments' | 'logFile' | 'environment' | 'endSteps' | 'orphanSteps' | 'onSpawn'
>;

export interface ReadyMessage {
  readonly type: 'ready';
  /** Where it listens. */
  readonly url?: string;
}

/** A Node process. Throws InvalidInput when it says that its environment is wrong, NeedsAttention when it does not start. */
export async function startReadyProcess(
  command: ReadyCommand,
): Promise<{ readonly process: ServerProcess; readonly ready: ReadyMessage }> {
  const started = await startServerProcess({
    ...command,
    command: process.execPath,
    directory: dirname(command.logFile),
    channel: true,
  });
  const told = readiness(started.child);
  const state = await until(() => (started.hasExited() ? 'exited' : told()), READY_MS_MAX);
  if (state !== null && state !== 'exited') return { process: started, ready: state };
  if (state === null) await started.stop();
  const { name, logFile } = command;
  if (started.child.exitCode === exitCodes.wrongUse)
    throw new InvalidInput('environment', `the ${name} does not start with it: ${lastLine(started.logSinceStart())}`);
  throw new NeedsAttention(
    `${name.replaceAll(' ', '_')}_start`,
    `the ${name} did not start (${await started.exited}). Its log, ${logFile}, ends: ${logTail(started.logSinceStart())}`,
  );
}

function readiness(child: ChildProcess): () => ReadyMessage | null {
  let ready: ReadyMessage | null = null;
  child.on('message', (message: Partial<ReadyMessage> | null) => {
    if (message?.type === 'ready') ready = message as ReadyMessage;
  });
  return () => ready;
}

/** The one in which it said why. */
function lastLine(log: string): string {
  const [line = 'it says nothing'] = log.trim().split('\n').slice(-1);
  return line.replace(/^error: /, '');
}
