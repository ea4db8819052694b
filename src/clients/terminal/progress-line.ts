// The line that shows how far a sync is. On a terminal it is drawn over itself; elsewhere a plain line every few seconds.
import type { Progress } from '../../workflows/messages.js';
import { counted, duration } from './figures.js';
import type { Watcher } from '../sync/follow-sync.js';
import { setbackText, type Setback } from '../sync/setback-text.js';
import { printable, type Terminal } from './terminal.js';

const plainEveryMs = 5_000;
/** A worker that starts is silent for a second or two, and nothing is wrong. */
const silenceMsMin = 3_000;
/** What is tried again is told when it failed once more, at most this often, and otherwise this seldom. */
const setbackMsMin = 5_000;
const setbackMsMax = 60_000;
const barCells = 24;

export interface ProgressLine extends Watcher {
  /** Takes the line away. */
  end(): void;
}

export function progressLine(terminal: Terminal, source: string): ProgressLine {
  const due = dueSetbacks();
  if (terminal.json)
    return {
      progress() {},
      silent() {},
      setback: (setback) => void (due(setback) && terminal.item({ retry: setback })),
      end() {},
    };
  const screen = screenOf(terminal);
  return {
    progress: (progress) => screen.show(progressText(progress, terminal)),
    silent: (who, sinceMs) => void (sinceMs < silenceMsMin || screen.show(silenceText(source, who, sinceMs))),
    setback(setback) {
      if (!due(setback)) return;
      screen.end();
      terminal.note(setbackText(setback));
    },
    end: () => screen.end(),
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

/** Where a line that changes is shown; nowhere when JSON is asked for. */
export function screenOf(terminal: Terminal): Screen {
  if (terminal.json) return { show() {}, end() {} };
  return process.stderr.isTTY ? drawn() : plain(terminal);
}

export interface Screen {
  show(text: string): void;
  end(): void;
}

function drawn(): Screen {
  const erase = '\r\x1b[2K';
  // Without wrapping, a line that is too long for the terminal stays one line.
  const [noWrap, wrap] = ['\x1b[?7l', '\x1b[?7h'];
  return {
    show: (text) => void process.stderr.write(`${erase}${noWrap}${text}${wrap}`),
    end: () => void process.stderr.write(erase),
  };
}

function plain(terminal: Terminal): Screen {
  let shownAtMs = Date.now();
  return {
    show: (text) => {
      if (Date.now() - shownAtMs < plainEveryMs) return;
      shownAtMs = Date.now();
      terminal.note(text);
    },
    end: () => undefined,
  };
}

/** States whose reason says all. */
const saidByReason: ReadonlySet<string> = new Set(['paused', 'waiting']);

function progressText(progress: Progress, { style }: Terminal): string {
  const {
    source,
    state,
    reason,
    fetched,
    eventsPerSecond,
    recordsCommitted: done,
    recordsExpected: expected,
  } = progress;
  if (source === '') return 'waiting for the worker to take the source';
  const facts = [
    `${style.bold(printable(source))}${state === 'running' ? '' : ` (${saidByReason.has(state) ? printable(reason ?? state) : state})`}`,
    ...(expected === null || expected === 0
      ? [`${counted(done)} records`]
      : [`${bar(done / expected, style)} ${percent(done, expected)} ${counted(done)} of ${counted(expected)} records`]),
    `${counted(fetched)} events`,
    `${counted(eventsPerSecond)}/s`,
    ...remaining(progress),
  ];
  return facts.join(' · ');
}

export function bar(share: number, style: Terminal['style']): string {
  const full = Math.min(barCells, Math.floor(share * barCells));
  return style.cyan('█'.repeat(full)) + style.dim('░'.repeat(barCells - full));
}

export function percent(done: number, expected: number): string {
  return `${Math.min(100, Math.floor((100 * done) / expected))} %`;
}

function remaining({ remainingMs }: Progress): string[] {
  return remainingMs === null || remainingMs === 0 ? [] : [`${duration(remainingMs)} left`];
}

function silenceText(source: string, who: 'server' | 'worker', sinceMs: number): string {
  const seconds = Math.round(sinceMs / 1_000);
  if (who === 'server') return `${source} · reconnecting to Temporal for ${seconds} s; the sync itself is kept`;
  return `${source} · no worker has answered for ${seconds} s; the sync goes on when one does`;
}
