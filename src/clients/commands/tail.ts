// tributary tail: events as they are committed, in the order of the commits, until Ctrl-C. It reads the commit feed itself, so it
// needs no door; each event comes once, and the position of the last goes on where it ended.
import type { Catalogue } from '../../domain/catalogue.js';
import { InvalidInput } from '../../domain/errors.js';
import { positionText, type FeedPosition } from '../../domain/feed-position.js';
import { installed } from '../../extensions/installed.js';
import { liveLimits } from '../../live/limits.js';
import { createFeed, type FeedReader } from '../../live/feed.js';
import type { FedEvent } from '../../live/fed-event.js';
import { resetText, startOf } from '../../live/start.js';
import { cloudEvent } from '../../queries/cloud-event.js';
import { sourceOf } from '../../queries/event-words.js';
import { feedQuestion, type FeedQuestion } from '../../queries/feed-question.js';
import { createPool, type Pool } from '../../store/pool.js';
import { liveLines } from '../events/live-lines.js';
import { exitCodes, failureReport } from '../failure-report.js';
import { exitCodeUnlessLeft, onInterrupt } from '../interrupt.js';
import { knownSource } from '../sources/known-source.js';
import { openStack, type Command } from '../stack/stack-access.js';
import { drained, type Terminal } from '../terminal/terminal.js';

export interface TailOptions {
  readonly source?: string;
  readonly type?: readonly string[];
  readonly priority?: string;
  readonly since?: string;
  readonly from?: string;
}

/** One listens, one reads at the head, one behind it. */
const sessions = 3;

export async function tailCommand(
  command: Command,
  argument: string | undefined,
  options: TailOptions,
): Promise<number> {
  const question = feedQuestion({ ...options, source: sourceOf(argument, options.source) });
  const {
    registry: { catalogue },
  } = await installed(command.config);
  const { databaseUrl } = await openStack(command);
  const pool = createPool(databaseUrl, { name: 'tail', connectionsMax: sessions });
  try {
    await follow(pool, question, catalogue, command.terminal);
  } finally {
    await pool.end();
  }
  return exitCodeUnlessLeft(exitCodes.fine);
}

async function follow(
  pool: Pool,
  { filter, from }: FeedQuestion,
  catalogue: Catalogue,
  terminal: Terminal,
): Promise<void> {
  if (filter.source !== undefined) await knownSource(pool, filter.source, 'source');
  const { after, reset } = await startOf(pool, from, filter.since);
  if (reset?.reason === 'ahead') throw new InvalidInput('from', reset.found);
  if (reset !== undefined) terminal.note(terminal.style.dim(resetText(reset)));
  const feed = createFeed({ pool, eventBytes: wholeEvents, onTrouble: (error) => tellTrouble(error, terminal) });
  const reader = feed.open(after, filter);
  const leave = onInterrupt();
  leave.addEventListener('abort', () => reader.close());
  if (!terminal.json && from === undefined && filter.since === undefined)
    terminal.note(terminal.style.dim('events from now on; Ctrl-C ends'));
  const last = await showAll(reader, after, catalogue, terminal, leave);
  tellNext(terminal, last);
}

/** What is stored is shown, as `events` shows it. */
const wholeEvents = { dataBytes: 2_147_483_647, enrichmentBytes: 2_147_483_647 };

/** Resolves with the position behind the last that was shown. */
async function showAll(
  reader: FeedReader,
  after: FeedPosition,
  catalogue: Catalogue,
  terminal: Terminal,
  leave: AbortSignal,
): Promise<FeedPosition> {
  const lines = liveLines(catalogue, terminal);
  const left = new Promise((resolve) => leave.addEventListener('abort', resolve));
  let reached = after;
  while (!leave.aborted) {
    const batch = await reader.next(liveLimits.streamHeartbeatMs);
    for (const event of batch.events) {
      if (terminal.json) terminal.item(itemOf(event));
      else terminal.say(lines(event.row));
    }
    ({ reached } = batch);
    // A reader of ours that takes nothing must not keep Ctrl-C from being heard.
    await Promise.race([drained(), left]);
  }
  return reached;
}

function itemOf({ row, position }: FedEvent) {
  return { ...cloudEvent(row), position: positionText(position) };
}

function tellTrouble(error: unknown, terminal: Terminal): void {
  const { line } = failureReport(error);
  terminal.note(`${line.replace(/^error: /, '')}; nothing is missed meanwhile`);
}

/** On standard error, as of `events`. */
function tellNext(terminal: Terminal, last: FeedPosition): void {
  const next = positionText(last);
  terminal.note(
    terminal.json ? JSON.stringify({ next }) : terminal.style.dim(`more: the same command with --from ${next}`),
  );
}
