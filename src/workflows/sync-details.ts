// What the Temporal UI shows of a run under Current Details, and `temporal workflow metadata` in a terminal: which source,
// what state and why, how far, how fast, what to do. Bullets, not a table: UIs before 2.53 show a table as pipes.
import { counted, duration, instantText } from '../domain/figures.js';
import type { SyncState } from '../domain/sync-state.js';
import type { Progress } from './messages.js';

/** Short lines, the most important first: the UI's box shows four before it grows. */
export function syncDetails(progress: Progress): string {
  const { source, type, origin, state } = progress;
  const named = type === '' ? `**${source}**` : `**${source}** (${inMarkdown(`${type} ${origin}`)})`;
  const lines = [`${named} is **${state.replaceAll('_', ' ')}**`, ...whyLines(progress), ...progressLines(progress)];
  return lines.map((line) => `- ${line}`).join('\n');
}

/** What a person can do about a state. */
export const whatToDo = {
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
  const { inserted, duplicate, existing, deferred, dead, fetched } = progress;
  const known = duplicate + existing;
  return [
    farLine(progress),
    `${counted(fetched)} events: ${counted(inserted)} inserted, ${counted(known)} known, ${counted(deferred)} deferred, ${counted(dead)} dead letters`,
    ...fastLine(progress),
    ...followLine(progress),
  ];
}

function farLine({ preparing, recordsCommitted, recordsExpected, pagesCommitted, state }: Progress): string {
  if (preparing && state === 'running') return `asking the origin what there is; ${counted(recordsCommitted)} records stored so far`;
  const pages = `in ${counted(pagesCommitted)} ${pagesCommitted === 1 ? 'page' : 'pages'}`;
  if (recordsExpected === null || recordsExpected === 0) return `${counted(recordsCommitted)} records stored, ${pages}`;
  const percent = Math.min(100, Math.floor((100 * recordsCommitted) / recordsExpected));
  return `**${percent} %**: ${counted(recordsCommitted)} of ${counted(recordsExpected)} records stored, ${pages}`;
}

function fastLine({ eventsPerSecond, lastCommitAt, remainingMs, state }: Progress): string[] {
  if (lastCommitAt === null) return [];
  const left = state === 'running' && remainingMs !== null ? `, about ${duration(remainingMs)} left` : '';
  return [`${counted(eventsPerSecond)} events/s${left}; last page stored ${instantText(lastCommitAt)}`];
}

function followLine({ mode, nextPollAt, polls, state }: Progress): string[] {
  if (mode !== 'follow' || nextPollAt === null || state !== 'running') return [];
  return [`followed: looked ${counted(polls)} ${polls === 1 ? 'time' : 'times'}, next look ${instantText(nextPollAt)}; the signal \`poll\` looks now`];
}

/** One line, and what the UI would take for emphasis or drop as HTML stays as it was said. */
export function inMarkdown(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/[*<]/g, '\\$&');
}
