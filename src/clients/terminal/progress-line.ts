// The line that shows how far a sync is, and what holds it up.
import type { Progress } from '../../workflows/messages.js';
import type { Watcher } from '../sync/follow-sync.js';
import { setbackText, type Setback } from '../sync/setback-text.js';
import { amount, duration } from './figures.js';
import { fittedLine, type Part } from './fitted-line.js';
import { lookCourse, type LookCourse } from './look-course.js';
import { shareParts } from './progress-parts.js';
import { screenOf } from './screen.js';
import { printable, type Terminal } from './terminal.js';

/** A worker that starts is silent for a second or two, and nothing is wrong. */
const silenceMsMin = 3_000;
/** What is tried again is told when it failed once more, at most this often, and otherwise this seldom. */
const setbackMsMin = 5_000;
const setbackMsMax = 60_000;

export interface ProgressLine extends Watcher {
  /** Takes the line away. */
  end(): void;
}

/** `screen`: where the line is drawn; one of several lines has no screen of its own. */
export function progressLine(terminal: Terminal, source: string, screen = screenOf(terminal)): ProgressLine {
  const due = dueSetbacks();
  if (terminal.json)
    return {
      progress() {},
      silent() {},
      setback: (setback) => void (due(setback) && terminal.item({ retry: setback })),
      end() {},
    };
  const look = lookCourse();
  return {
    progress: (progress) => screen.show((cells) => fittedLine(progressParts(progress, terminal, look), cells)),
    looks: (course) => look.at(course),
    silent: (who, sinceMs) => {
      if (sinceMs >= silenceMsMin) screen.show((cells) => fittedLine(silenceParts(source, who, sinceMs), cells));
    },
    setback(setback) {
      if (!due(setback)) return;
      screen.end();
      terminal.note(setbackText(setback));
    },
    end: () => screen.end(),
  };
}

/** Of a sync that is waited for to its end. */
export function syncLine(terminal: Terminal, source: string, screen = screenOf(terminal)): ProgressLine {
  const line = progressLine(terminal, source, screen);
  return terminal.json ? { ...line, progress: standstillTeller(terminal) } : line;
}

/** A program that waits for a sync which waits itself is told so on standard error, each time that begins. */
function standstillTeller(terminal: Terminal): Watcher['progress'] {
  let told = '';
  return ({ source, state, reason, nextPollAt }) => {
    const stands = state === 'paused' || state === 'rate_limited' || state === 'needs_attention';
    const now = stands ? JSON.stringify({ progress: { source, state, reason, nextPollAt } }) : '';
    if (now !== '' && now !== told) terminal.note(now);
    told = now;
  };
}

/** Whether it is time to tell of it, by its step. */
function dueSetbacks(): (setback: Setback) => boolean {
  const told = new Map<string, { readonly failed: number; readonly code: string | null; readonly atMs: number }>();
  return ({ step, failed, code }) => {
    const last = told.get(step);
    const sinceMs = Date.now() - (last?.atMs ?? 0);
    if (sinceMs < setbackMsMin || (sinceMs < setbackMsMax && failed === last?.failed && code === last.code))
      return false;
    told.set(step, { failed, code, atMs: Date.now() });
    return true;
  };
}

/** `look`: how far a look at the origin is, while the sync is no further. */
export function progressParts(progress: Progress, { style }: Terminal, look: LookCourse): Part[] {
  const { source, state, reason, fetched, eventsPerSecond, recordsCommitted, recordsExpected, remainingMs } = progress;
  if (source === '') return [{ text: 'waiting for the worker to take the source', rank: 1, least: 1 }];
  const stands =
    state === 'running' ? [] : [{ text: standText(state, reason), rank: 1, least: 6, paint: style.yellow }];
  const share = {
    done: recordsCommitted,
    total: recordsExpected,
    unit: 'record',
    perSecond: eventsPerSecond,
    leftMs: remainingMs,
  };
  const name = { text: printable(source), rank: 4, least: 8, paint: style.bold };
  if (progress.preparing && state === 'running') return [name, ...look.parts(style)];
  return [name, ...stands, ...shareParts(share, style), { text: amount(fetched, 'event'), rank: 7 }];
}

function standText(state: string, reason: string | null): string {
  return printable(reason === null || reason === '' ? state.replaceAll('_', ' ') : reason);
}

export function silenceParts(source: string, who: 'server' | 'worker', sinceMs: number): Part[] {
  const since = duration(Math.floor(sinceMs / 1_000) * 1_000);
  const [what, kept] =
    who === 'server'
      ? [`reconnecting to Temporal for ${since}`, 'the sync itself is kept']
      : [`no worker has answered for ${since}`, 'the sync goes on when one does'];
  return [
    { text: source, rank: 2, least: 8 },
    { text: what, rank: 1, least: 12 },
    { text: kept, rank: 3 },
  ];
}
