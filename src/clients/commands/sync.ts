// tributary sync: start or join a sync, stay with it, and say what came of it.
import type { Client } from '@temporalio/client';
import { installed } from '../../extensions/installed.js';
import type { Stack } from '../../local/stack.js';
import type { Pool } from '../../store/pool.js';
import { searchEvents } from '../../store/reading/search-events.js';
import type { SourceRegistry } from '../../sources/index.js';
import { listSourceStatus } from '../../store/reading/source-status.js';
import { findSource } from '../../store/sources.js';
import type { Progress } from '../../workflows/messages.js';
import { addressLines } from '../stack/addresses.js';
import { changedText, isAny, whenText } from '../sources/changed-text.js';
import { exitCodes } from '../failure-report.js';
import { exitCodeUnlessLeft, onInterrupt } from '../interrupt.js';
import { amount } from '../terminal/figures.js';
import { knownSource } from '../sources/known-source.js';
import { syncLine, type ProgressLine } from '../terminal/progress-line.js';
import { withInferredType } from '../sync/inferred-type.js';
import { knownId, knownOrder, syncOrder, type SyncMode, type SyncOrder, type SyncWords } from '../sync/source-input.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { watchStack } from '../stack/stack-watch.js';
import { checkWorkers } from '../stack/worker-check.js';
import type { StartedSync } from '../sync/start-sync.js';
import type { SyncEnd } from '../sync/sync-end.js';
import { previewOf, type SyncPreview } from '../sync/sync-preview.js';
import { summaryLines } from '../sync/sync-summary.js';

const newestShown = 5;

export interface Attachment {
  readonly command: Command;
  readonly order: SyncOrder;
  readonly stack: Stack;
  readonly client: Client;
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly preview: SyncPreview;
  /** What is told of its progress; a line of its own without it. */
  readonly line?: ProgressLine;
}

export async function syncCommand(
  command: Command,
  typed: SyncWords,
  detach: boolean,
  mode: SyncMode = {},
): Promise<number> {
  const { registry, modules } = await installed(command.config);
  const words = withInferredType(registry, typed);
  const id = knownId(registry, words);
  // Checked before anything is started; an id can be looked up only then.
  const ordered = id === undefined ? syncOrder(registry, words, mode) : undefined;
  const stack = await openStack(command);
  const { connectTemporal } = await import('../stack/connect.js');
  const client = await connectTemporal(command.config, stack);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      const order = ordered ?? knownOrder(await knownSource(pool, id!, 'type or id'), mode, words.set);
      await checkWorkers(pool, command, modules);
      const preview = previewOf(registry, order, await findSource(pool, order.id));
      return run({ command, order, stack, client, pool, registry, preview }, detach);
    });
  } finally {
    await client.connection.close();
  }
}

export async function run(attachment: Attachment, detach: boolean, leave = onInterrupt()): Promise<number> {
  const { command, order, client, preview } = attachment;
  const [{ beginSync }, { isFollowed }] = await Promise.all([
    import('../sync/begin-sync.js'),
    import('../sync/followed-sync.js'),
  ]);
  const started = await beginSync({ ...attachment, taskQueue: command.config.taskQueue }, order, preview);
  if (started.attached) joined(attachment);
  else if (isAny(preview.changed)) command.terminal.note(`${order.id}: changed ${changedText(preview.changed)}`);
  if (started.attached && order.input.mode !== 'follow' && (await isFollowed(client, started)))
    return lookedNow(attachment, started, leave);
  // The sync may have looked at its origin before what the person means was there.
  if (started.attached) await started.handle.signal('poll').catch(() => undefined);
  if (detach) return left(attachment, started, started.attached ? 'already_running' : 'started');
  return stay(attachment, started, leave);
}

/** A run that is at work was started with something else. */
function joined({ command: { terminal }, order, preview: { changed } }: Attachment): void {
  terminal.note(`joined the sync of ${order.id} that runs already, with the options it was started with`);
  if (isAny(changed)) terminal.note(`${order.id}: changed ${changedText(changed)}, ${whenText(changed)}`);
}

/**
 * Stays with the sync to its end, or until the person leaves by Ctrl-C; the sync goes on then. Who asks for a sync of a
 * source that is followed stays for its first look.
 */
export async function stay(
  attachment: Attachment,
  started: StartedSync,
  leave: AbortSignal = onInterrupt(),
): Promise<number> {
  const { order, preview } = attachment;
  const { standsStill } = await import('../sync/followed-sync.js');
  const over = new AbortController();
  let last: Progress | undefined;
  const forOneLook = preview.mode === 'follow' && order.input.mode !== 'follow';
  const isOver = (progress: Progress): boolean =>
    forOneLook
      ? progress.nextPollAt !== null || standsStill(progress)
      : // Nobody knows when it goes on, and a script would wait for it in silence.
        progress.state === 'paused' && order.input.mode !== 'follow';
  const seen = (progress: Progress) => {
    if (!isOver(progress)) return;
    last = progress;
    over.abort();
  };
  const end = await follow(attachment, started, AbortSignal.any([leave, over.signal]), seen);
  if (end !== 'left') return tell(attachment, started, end);
  return last === undefined ? left(attachment, started, 'detached') : standing(attachment, started, last);
}

async function lookedNow(attachment: Attachment, started: StartedSync, leave: AbortSignal): Promise<number> {
  const {
    command: { terminal },
    order,
    client,
    line = syncLine(terminal, order.id),
  } = attachment;
  const { lookNow } = await import('../sync/followed-sync.js');
  const progress = await lookNow(client, started, line, leave).finally(() => line.end());
  return standing(attachment, started, progress);
}

/** A sync that goes on without this command; `progress` undefined: the person left before the look was over. */
function standing(
  { command: { terminal }, order, preview }: Attachment,
  { runId }: StartedSync,
  progress: Progress | undefined,
): number {
  const { state, reason, inserted = null, mode } = progress ?? {};
  const outcome =
    progress === undefined ? 'detached' : state === 'paused' || state === 'needs_attention' ? state : 'followed';
  const changed = isAny(preview.changed) ? { changed: preview.changed } : {};
  const why = outcome === 'followed' || outcome === 'detached' ? {} : { reason };
  terminal.item({ outcome, source: order.id, inserted, runId, ...why, ...changed });
  if (outcome === 'paused') {
    const goesOn = mode === 'follow' ? 'it is followed, and goes on' : 'its sync is started, and goes on';
    terminal.note(`needs attention: ${order.id} is ${reason}; ${goesOn} after \`tributary resume ${order.id}\``);
    return exitCodes.attention;
  }
  if (outcome === 'needs_attention') {
    terminal.note(`needs attention: ${reason}; it is followed, and tries again by itself, ever more rarely`);
    return exitCodes.attention;
  }
  terminal.say(
    `${order.id} is followed, and was told to look now${inserted === null ? '' : `: all there is is stored (${amount(inserted, 'event')} inserted by this run)`}`,
  );
  return exitCodeUnlessLeft(exitCodes.fine);
}

async function follow(
  { command, order, client, pool, line = syncLine(command.terminal, order.id) }: Attachment,
  started: StartedSync,
  leave: AbortSignal,
  seen: (progress: Progress) => void = () => undefined,
): Promise<SyncEnd | 'left'> {
  const { endOf } = await import('../sync/stop-sync.js');
  const endWatch = watchStack(command, (problem) => line.setback({ source: order.id, ...problem }));
  const progress = (now: Progress) => {
    line.progress(now);
    seen(now);
  };
  try {
    return await endOf(client, pool, order.id, started, { ...line, progress }, leave);
  } finally {
    endWatch();
    line.end();
  }
}

function left(
  { command: { terminal }, order, preview }: Attachment,
  { handle, runId }: StartedSync,
  outcome: string,
): number {
  const changed = isAny(preview.changed) ? { changed: preview.changed } : {};
  terminal.item({ outcome, source: order.id, workflowId: handle.workflowId, runId, ...changed });
  terminal.say(`The sync of ${order.id} goes on without this command.`);
  terminal.hint(`  to stop it         tributary stop ${order.id}`);
  terminal.hint(`  if it is paused    tributary resume ${order.id}`);
  terminal.say('  to come back to it the same command again');
  return exitCodeUnlessLeft(exitCodes.fine);
}

async function tell(
  { command: { terminal }, order, stack, pool, registry: { catalogue } }: Attachment,
  { startedAt }: StartedSync,
  { result, problem, exitCode }: SyncEnd,
): Promise<number> {
  terminal.item(result);
  if (!terminal.json && exitCode !== exitCodes.wrongUse) {
    const [status] = await listSourceStatus(pool, order.id);
    const newest = await searchEvents(
      pool,
      { filter: { source: order.id }, order: 'newest', limit: newestShown },
      catalogue,
    );
    const summary = {
      result,
      elapsedMs: Date.now() - startedAt.getTime(),
      stored: status?.inserted ?? 0,
      newest,
      catalogue,
      addresses: addressLines(stack),
    };
    for (const line of summaryLines(summary, terminal)) terminal.say(line);
  }
  if (problem !== null) terminal.note(`${exitCode === exitCodes.attention ? 'needs attention' : 'error'}: ${problem}`);
  return exitCode;
}
