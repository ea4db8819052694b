// What the Temporal UI shows of a run under Current Details, and `temporal workflow metadata` in a terminal: which source,
// what state and why, how far, how fast, what to do. Bullets, not a table: UIs before 2.53 show a table as pipes.
import { knownOf } from '../domain/event-figures.js';
import { amount, counted, duration, instantText } from '../domain/figures.js';
import { streamsText, streamsUntold, streamText } from '../domain/streams.js';
import type { SyncState } from '../domain/sync-state.js';
import type { Progress } from './messages.js';

/** A last line with nothing on it (a no-break space, or it would be none): UI 2.42 cuts the last one off. */
const end = '\n\n\u00a0';

/** Short lines, the most important first. */
export function syncDetails(progress: Progress): string {
  const { source, type, origin, state } = progress;
  const named = type === '' ? `**${source}**` : `**${source}** (${inMarkdown(`${type} ${origin}`)})`;
  const lines = [
    `${named} is **${state.replaceAll('_', ' ')}**`,
    ...whyLines(progress),
    ...progressLines(progress),
    ...streamLines(progress),
    ...problemLines(progress),
  ];
  return bullets(lines);
}

/** In a column of the list, which is written some seconds late at most: a look of a followed source is over by then. */
export function progressText(progress: Progress): string {
  const { state, reason, mode, polls, preparing, pagesCommitted, inserted, fetched } = progress;
  if (state === 'done') return reason ?? `${amount(inserted, 'event')} inserted`;
  if (state !== 'running') return reason ?? state.replaceAll('_', ' ');
  if (mode === 'follow' && polls > 0) return 'up to date, followed';
  if (preparing && pagesCommitted === 0) return 'asking the origin what there is';
  const share = shareOf(progress);
  const left = progress.remainingMs === null ? [] : [`about ${duration(progress.remainingMs)} left`];
  return [share === null ? amount(fetched, 'event') : `${share} %`, ...left].join(', ');
}

/** Whole percent; null where nobody can tell. */
function shareOf({ recordsCommitted, recordsExpected }: Progress): number | null {
  if (recordsExpected === null || recordsExpected === 0) return null;
  return Math.min(100, Math.floor((100 * recordsCommitted) / recordsExpected));
}

export function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join('\n') + end;
}

/** What a person can do about a state. */
export const whatToDo = {
  waiting: 'nothing to do: it begins when sources before it are read; to begin now: send the signal `poll`',
  rate_limited: 'nothing to do; to ask now: send the signal `poll`',
  paused: 'to go on: send the signal `resume`',
  needs_attention: 'when that is put right, start the same workflow id again: it goes on where this run stopped',
  failed: 'correct the input and start it again; this run stored nothing',
  superseded: 'nothing to do: that run goes on',
} as const satisfies Partial<Record<SyncState, string>>;

function whyLines({ state, reason }: Progress): string[] {
  const todo: Partial<Record<SyncState, string>> = whatToDo;
  return [reason === null ? undefined : inMarkdown(reason), todo[state]].filter((line) => line !== undefined);
}

function progressLines(progress: Progress): string[] {
  // Refused before it was opened: nothing was read, and nothing of it is known.
  if (progress.epoch === 0) return [];
  const { inserted, deferred, dead, fetched, failures = 0 } = progress;
  const errors = failures === 0 ? '' : `, ${counted(failures)} failures of processors and the embedder`;
  return [
    farLine(progress),
    `${amount(fetched, 'event')}: ${counted(inserted)} inserted, ${counted(knownOf(progress))} known, ${counted(deferred)} deferred, ${amount(dead, 'dead letter')}${errors}`,
    ...fastLine(progress),
    ...followLine(progress),
    ...(progress.state === 'running' && progress.nextPollAt === null ? [retriesLine] : []),
  ];
}

/** A workflow is not told of its activities' retries, so it cannot tell of them. */
const retriesLine =
  'where nothing moves, Pending Activities tell what failed, how often, and when it is tried next; so does `tributary status`';

function farLine(progress: Progress): string {
  const { preparing, recordsCommitted, recordsExpected, pagesCommitted, nextPollAt, state } = progress;
  const inPages = `stored, in ${amount(pagesCommitted, 'page')}`;
  const stored = `${amount(recordsCommitted, 'record')} ${inPages}`;
  if (preparing && state === 'running') return `asking the origin what there is; so far ${stored}`;
  if (nextPollAt !== null) return `**up to date**: ${stored}`;
  const share = shareOf(progress);
  if (share === null || recordsExpected === null) return stored;
  return `**${share} %**: ${counted(recordsCommitted)} of ${amount(recordsExpected, 'record')} ${inPages}`;
}

function fastLine({ eventsPerSecond, lastCommitAt, remainingMs, state }: Progress): string[] {
  if (lastCommitAt === null) return [];
  const left = state === 'running' && remainingMs !== null ? `, about ${duration(remainingMs)} left` : '';
  return [`${counted(eventsPerSecond)} events/s${left}; last page stored ${instantText(lastCommitAt)}`];
}

function followLine({ mode, nextPollAt, lookEveryMs, polls, state }: Progress): string[] {
  if (mode !== 'follow' || nextPollAt === null || state !== 'running') return [];
  if (lookEveryMs !== undefined)
    return [
      `followed: a look every ${duration(lookEveryMs)}; the last one: Pending Activities, \`awaitNews\`; at once: send the signal \`poll\``,
    ];
  return [
    `followed: next look ${instantText(nextPollAt)}, after ${counted(polls)} so far; at once: send the signal \`poll\``,
  ];
}

/** With many streams a handful of lines: the view `source_streams` has all. */
function streamLines({ streams }: Progress): string[] {
  if (streams === null) return [];
  const untold = streamsUntold(streams);
  return [
    streamsText(streams.states),
    ...streams.told.map((stream) => inMarkdown(streamText(stream))),
    ...(untold > 0 ? [`and ${counted(untold)} more that need attention or wait: view \`source_streams\``] : []),
  ];
}

/** A few: the result and `tributary status` have all. */
const problemsShown = 5;

function problemLines({ problems }: Progress): string[] {
  const more =
    problems.length > problemsShown ? [`and ${counted(problems.length - problemsShown)} more that were left out`] : [];
  return [...problems.slice(0, problemsShown).map(({ message }) => `left out: ${inMarkdown(message)}`), ...more];
}

/** One line, and what the UI would take for emphasis or drop as HTML stays as it was said. */
export function inMarkdown(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[*<]/g, '\\$&');
}
