// tributary pause: at a page boundary; it outlives the run.
import { pauseText, type Pause } from '../../domain/pause.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { Progress } from '../../workflows/messages.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { amount } from '../terminal/figures.js';
import { endTime } from '../../queries/option-values.js';
import { progressLine } from '../terminal/progress-line.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { keepPause, pauseRun } from '../sync/pause-source.js';
import { userName } from '../user-name.js';
import type { Terminal } from '../terminal/terminal.js';

export async function pauseCommand(
  command: Command,
  id: string,
  said: { readonly until?: string; readonly reason?: string },
): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const pause: Pause = {
    reason: said.reason ?? null,
    until: endTime('until', said.until)?.toISOString() ?? null,
    by: userName(),
  };
  const stack = await openStack(command);
  await withDatabase(stack.databaseUrl, (pool) => keepPause(pool, source, pause));
  const client = await connectTemporal(command.config, stack);
  const line = progressLine(command.terminal, source);
  try {
    const progress = await pauseRun(client, source, pause, line).finally(() => line.end());
    if (progress === null) return told(command.terminal, source, 'paused', pause);
    return told(command.terminal, source, progress?.state === 'paused' ? 'paused' : 'pausing', pause, progress);
  } finally {
    await client.connection.close();
  }
}

function told(
  terminal: Terminal,
  source: string,
  outcome: 'paused' | 'pausing',
  pause: Pause,
  progress?: Progress,
): number {
  terminal.item({ outcome, source, ...pause, inserted: progress?.inserted ?? null });
  const far =
    progress === undefined
      ? 'no sync of it is running, and the next one will wait'
      : `at a page boundary, ${amount(progress.inserted, 'event')} inserted by this sync`;
  terminal.hint(
    `${source}: ${outcome === 'paused' ? pauseText(pause) : 'told to pause; `tributary status` shows when it has'} (${far})`,
  );
  terminal.hint(`  to go on  tributary resume ${source}`);
  return exitCodes.fine;
}
