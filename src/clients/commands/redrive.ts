// tributary dead-letters redrive: dead letters back into the stage that refused them, and the sync that takes them there.
import { installed } from '../../extensions/installed.js';
import { listRedrivenSources, type WaitingSource } from '../../store/reading/search-deferred.js';
import { findSource } from '../../store/sources.js';
import { exitCodes } from '../failure-report.js';
import { amount } from '../terminal/figures.js';
import { decide, letterChoice, type LetterWords } from '../letters/letter-choice.js';
import type { SyncOrder } from '../sync/source-input.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { previewOf } from '../sync/sync-preview.js';
import { checkWorkers } from '../stack/worker-check.js';
import { stay, type Attachment } from './sync.js';

export async function redriveCommand(command: Command, words: LetterWords, sync: boolean): Promise<number> {
  const choice = letterChoice(words);
  const { terminal } = command;
  const { registry, modules } = await installed(command.config);
  const stack = await openStack(command);
  return withDatabase(stack.databaseUrl, async (pool) => {
    if (sync) await checkWorkers(pool, command, modules);
    const { letters, sources } = await decide(pool, choice, 'redriven', terminal);
    // Also those of a redrive that was killed before its sync: asking again is how a person goes on.
    const waiting = await listRedrivenSources(pool, sources);
    if (letters === 0)
      terminal.say(
        `nothing to redrive: no open dead letter matches${waiting.length === 0 ? '' : '; some redriven before still wait'}`,
      );
    if (sync) return bringBack({ command, stack, pool, registry }, waiting);
    for (const { id, redriven } of waiting)
      terminal.say(`${id}: ${amount(redriven, 'redriven waits', 'redriven wait')} for its next sync`);
    return exitCodes.fine;
  });
}

async function bringBack(
  place: Omit<Attachment, 'client' | 'order' | 'preview'>,
  waiting: readonly WaitingSource[],
): Promise<number> {
  if (waiting.length === 0) return exitCodes.fine;
  const { connectTemporal } = await import('../stack/connect.js');
  const client = await connectTemporal(place.command.config, place.stack);
  try {
    let exitCode: number = exitCodes.fine;
    for (const { id, type, origin } of waiting) {
      const order: SyncOrder = { id, type, origin, input: { sourceId: id } };
      const preview = previewOf(place.registry, order, await findSource(place.pool, id));
      exitCode = Math.max(exitCode, await startOne({ ...place, client, order, preview }, waiting.length === 1));
    }
    return exitCode;
  } finally {
    await client.connection.close();
  }
}

/** With one source a person stays to the end, as with `sync`; several go on by themselves. */
async function startOne(attachment: Attachment, alone: boolean): Promise<number> {
  const { command, client, order } = attachment;
  const { terminal, config } = command;
  const [{ startSync }, { pollSync }] = await Promise.all([
    import('../sync/start-sync.js'),
    import('../sync/poll-sync.js'),
  ]);
  const started = await startSync(client, config.taskQueue, order);
  if (started.attached) {
    // The sync may have passed the place where it looks for letters.
    await pollSync(client, config.taskQueue, order.id);
    terminal.item({ outcome: 'already_running', source: order.id, runId: started.runId });
    terminal.say(`a sync of ${order.id} runs already, and takes them back before it ends`);
    return exitCodes.fine;
  }
  if (alone) return stay(attachment, started);
  terminal.item({ outcome: 'started', source: order.id, workflowId: started.handle.workflowId, runId: started.runId });
  terminal.hint(`a sync of ${order.id} is started; \`tributary status\` tells how it ends`);
  return exitCodes.fine;
}
