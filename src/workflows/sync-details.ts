// What the Temporal UI shows of a run under Current Details, and `temporal workflow metadata` in a terminal: which source,
// what state and why, how far, how fast, what to do. Bullets, not a table: UIs before 2.53 show a table as pipes.
import { knownOf } from '../domain/event-figures.js';
import { counted, duration, instantText } from '../domain/figures.js';
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
    `${counted(fetched)} events: ${counted(inserted)} inserted, ${counted(knownOf(progress))} known, ${counted(deferred)} deferred, ${counted(dead)} dead letters${errors}`,
    ...fastLine(progress),
    ...followLine(progress),
    ...(progress.state === 'running' && progress.nextPollAt === null ? [retriesLine] : []),
  ];
}

/** A workflow is not told of its activities' retries, so it cannot tell of them. */
const retriesLine =
  'where nothing moves, Pending Activities tell what failed, how often, and when it is tried next; so does `tributary status`';

function farLine({
  preparing,
  recordsCommitted,
  recordsExpected,
  pagesCommitted,
  nextPollAt,
  state,
}: Progress): string {
  const inPages = `records stored, in ${counted(pagesCommitted)} ${pagesCommitted === 1 ? 'page' : 'pages'}`;
  const stored = `${counted(recordsCommitted)} ${inPages}`;
  if (preparing && state === 'running') return `asking the origin what there is; so far ${stored}`;
  if (nextPollAt !== null) return `**up to date**: ${stored}`;
  if (recordsExpected === null || recordsExpected === 0) return stored;
  const percent = Math.min(100, Math.floor((100 * recordsCommitted) / recordsExpected));
  return `**${percent} %**: ${counted(recordsCommitted)} of ${counted(recordsExpected)} ${inPages}`;
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
