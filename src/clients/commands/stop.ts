// tributary stop: one signal, and the end of what it stops.
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { stackStatus } from '../../local/stack.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { knownSource } from '../sources/known-source.js';
import { amount } from '../terminal/figures.js';
import { progressLine } from '../terminal/progress-line.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import { stopSync } from '../sync/stop-sync.js';
import type { SyncEnd } from '../sync/sync-end.js';
import type { Terminal } from '../terminal/terminal.js';

export async function stopCommand(command: Command, id: string): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  // Started, the stack would go on with whatever it was doing: the contrary of what is asked.
  const { stack } = await stackStatus(command.config);
  if (stack === null) return notRunning(command.terminal, source);
  const client = await connectTemporal(command.config, stack);
  const line = progressLine(command.terminal, source);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      const end = await stopSync(client, pool, source, line).finally(() => line.end());
      if (end !== undefined) return told(command.terminal, source, end);
      await knownSource(pool, source, 'id');
      return notRunning(command.terminal, source);
    });
  } finally {
    await client.connection.close();
  }
}

function notRunning(terminal: Terminal, source: string): number {
  terminal.item({ outcome: 'not_running', source });
  terminal.say(`no sync of ${source} is running`);
  return exitCodes.fine;
}

function told(terminal: Terminal, source: string, end: SyncEnd | 'left'): number {
  if (end === 'left') {
    terminal.item({ outcome: 'stopping', source });
    terminal.hint(`${source} was told to stop and has not ended yet; \`tributary status\` shows when it has`);
    return exitCodes.fine;
  }
  const { result, exitCode, problem } = end;
  terminal.item(result);
  terminal.say(
    `${source}: ${result.outcome.replaceAll('_', ' ')}, ${amount(result.inserted, 'event')} inserted; the next sync goes on from there`,
  );
  if (problem !== null) terminal.note(`error: ${problem}`);
  return exitCode;
}
