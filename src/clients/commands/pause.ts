// tributary pause: the row first, so that no run can begin without seeing it; then the word to the run there is.
import type { Client } from '@temporalio/client';
import { pauseText, type Pause } from '../../domain/pause.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { savePause } from '../../store/pauses.js';
import type { Progress } from '../../workflows/messages.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { counted } from '../terminal/figures.js';
import { followSync } from '../sync/follow-sync.js';
import { knownSource } from '../sources/known-source.js';
import { endTime } from '../option-values.js';
import { progressLine, type ProgressLine } from '../terminal/progress-line.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { findRunning, type StartedSync } from '../sync/start-sync.js';
import { userName } from '../user-name.js';
import type { Terminal } from '../terminal/terminal.js';

/** Pages in flight commit within seconds; longer means that something is away, and the signal waits for it. */
const waitMsMax = 60_000;

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
  await withDatabase(stack.databaseUrl, async (pool) => {
    await knownSource(pool, source, 'id');
    await savePause(pool, source, pause);
  });
  const client = await connectTemporal(command.config, stack);
  try {
    const running = await findRunning(client, source);
    if (running === undefined) return told(command.terminal, source, 'paused', pause);
    await client.workflow.getHandle(running.handle.workflowId).signal('pause', pause);
    const progress = await untilPaused(client, running, progressLine(command.terminal, source));
    return told(command.terminal, source, progress?.state === 'paused' ? 'paused' : 'pausing', pause, progress);
  } finally {
    await client.connection.close();
  }
}

/** The last progress seen: paused, unless the run ended first or something is away. */
async function untilPaused(client: Client, running: StartedSync, line: ProgressLine): Promise<Progress | undefined> {
  const reached = new AbortController();
  let last: Progress | undefined;
  const watcher = {
    ...line,
    progress(progress: Progress) {
      line.progress(progress);
      last = progress;
      if (progress.state === 'paused') reached.abort();
    },
  };
  try {
    await followSync(client, running, watcher, AbortSignal.any([reached.signal, AbortSignal.timeout(waitMsMax)]));
  } catch {
    // It failed by itself: the pause stands, and the failure is told by whoever asked for the sync.
  } finally {
    line.end();
  }
  return last;
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
      : `at a page boundary, ${counted(progress.inserted)} events inserted by this sync`;
  terminal.hint(
    `${source}: ${outcome === 'paused' ? pauseText(pause) : 'told to pause; `tributary status` shows when it has'} (${far})`,
  );
  terminal.hint(`  to go on  tributary resume ${source}`);
  return exitCodes.fine;
}
