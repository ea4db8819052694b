// The line that shows how far a sync is. On a terminal it is drawn over itself; elsewhere a plain line every few seconds.
import type { Progress } from '../workflows/messages.js';
import { counted, duration } from './figures.js';
import type { Watcher } from './follow-sync.js';
import { printable, type Terminal } from './terminal.js';

const plainEveryMs = 5_000;
/** A worker that starts is silent for a second or two, and nothing is wrong. */
const silenceMsMin = 3_000;
const barCells = 24;

export interface ProgressLine extends Watcher {
  /** Takes the line away. */
  end(): void;
}

export function progressLine(terminal: Terminal, source: string): ProgressLine {
  if (terminal.json) return { progress() {}, silent() {}, end() {} };
  const screen = process.stderr.isTTY ? drawn() : plain(terminal);
  const total = records();
  return {
    progress: (progress) => screen.show(progressText(progress, total(progress), terminal)),
    silent: (who, sinceMs) => void (sinceMs < silenceMsMin || screen.show(silenceText(source, who, sinceMs))),
    end: () => screen.end(),
  };
}

interface Screen {
  show(text: string): void;
  end(): void;
}

function drawn(): Screen {
  const erase = '\r\x1b[2K';
  // Without wrapping, a line that is too long for the terminal stays one line.
  const [noWrap, wrap] = ['\x1b[?7l', '\x1b[?7h'];
  return { show: (text) => void process.stderr.write(`${erase}${noWrap}${text}${wrap}`), end: () => void process.stderr.write(erase) };
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

interface Share {
  readonly done: number;
  readonly expected: number | null;
}

/** A run that continues an earlier one counts from its own start; people see one sync. */
function records(): (progress: Progress) => Share {
  let before = 0;
  let epoch = 0;
  let latest = 0;
  return (progress) => {
    if (progress.epoch !== epoch) before += latest;
    [epoch, latest] = [progress.epoch, progress.recordsCommitted];
    const { recordsExpected } = progress;
    return { done: before + latest, expected: recordsExpected === null ? null : before + recordsExpected };
  };
}

function progressText(progress: Progress, { done, expected }: Share, { style }: Terminal): string {
  const { source, state, fetched, eventsPerSecond } = progress;
  if (source === '') return 'waiting for the worker to take the source';
  const facts = [
    `${style.bold(printable(source))}${state === 'running' ? '' : ` (${state})`}`,
    ...(expected === null || expected === 0 ? [`${counted(done)} records`] : [`${bar(done / expected, style)} ${percent(done, expected)} ${counted(done)} of ${counted(expected)} records`]),
    `${counted(fetched)} events`,
    `${counted(eventsPerSecond)}/s`,
    ...remaining(progress, done, expected),
  ];
  return facts.join(' · ');
}

function bar(share: number, style: Terminal['style']): string {
  const full = Math.min(barCells, Math.floor(share * barCells));
  return style.cyan('█'.repeat(full)) + style.dim('░'.repeat(barCells - full));
}

function percent(done: number, expected: number): string {
  return `${Math.min(100, Math.floor((100 * done) / expected))} %`;
}

function remaining({ startedAt, recordsCommitted }: Progress, done: number, expected: number | null): string[] {
  if (expected === null || recordsCommitted === 0 || done >= expected) return [];
  const msPerRecord = (Date.now() - Date.parse(startedAt)) / recordsCommitted;
  return [`${duration((expected - done) * msPerRecord)} left`];
}

function silenceText(source: string, who: 'server' | 'worker', sinceMs: number): string {
  const seconds = Math.round(sinceMs / 1_000);
  if (who === 'server') return `${source} · reconnecting to Temporal for ${seconds} s; the sync itself is kept`;
  return `${source} · no worker has answered for ${seconds} s; the sync goes on when one does`;
}
