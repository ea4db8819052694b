// tributary resume: takes the pause away, and tells the run that waits.
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { endPause, resumeRun } from '../sync/pause-source.js';

export async function resumeCommand(command: Command, id: string): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const stack = await openStack(command);
  const paused = await withDatabase(stack.databaseUrl, (pool) => endPause(pool, source));
  const client = await connectTemporal(command.config, stack);
  try {
    const running = await resumeRun(client, source);
    command.terminal.item({ outcome: paused ? 'resumed' : 'not_paused', source, running });
    command.terminal.hint(
      `${source} ${paused ? 'is resumed' : 'was not paused'}${running ? '' : `; no sync of it is running: \`tributary sync ${source}\``}`,
    );
    return exitCodes.fine;
  } finally {
    await client.connection.close();
  }
}
