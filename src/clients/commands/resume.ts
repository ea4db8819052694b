// tributary resume: takes the pause away, and tells the run that waits.
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { deletePause } from '../../store/pauses.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { knownSource } from '../sources/known-source.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { findRunning } from '../sync/start-sync.js';

export async function resumeCommand(command: Command, id: string): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const stack = await openStack(command);
  const paused = await withDatabase(stack.databaseUrl, async (pool) => {
    await knownSource(pool, source, 'id');
    return deletePause(pool, source);
  });
  const client = await connectTemporal(command.config, stack);
  try {
    const running = await findRunning(client, source);
    // Also without a row: a run may have been told and have no database to write to.
    if (running !== undefined) await client.workflow.getHandle(running.handle.workflowId).signal('resume');
    const outcome = paused ? 'resumed' : 'not_paused';
    command.terminal.item({ outcome, source, running: running !== undefined });
    command.terminal.hint(
      `${source} ${paused ? 'is resumed' : 'was not paused'}${running === undefined ? `; no sync of it is running: \`tributary sync ${source}\`` : ''}`,
    );
    return exitCodes.fine;
  } finally {
    await client.connection.close();
  }
}
