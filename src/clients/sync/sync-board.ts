// The syncs of several sources as they go on: a line for each that is not over, and one for all.
import type { Progress } from '../../workflows/messages.js';
import { boardOf } from '../terminal/board.js';
import { amount, counted, duration } from '../terminal/figures.js';
import { fittedLine, type Part } from '../terminal/fitted-line.js';
import { progressParts, silenceParts, syncLine, type ProgressLine } from '../terminal/progress-line.js';
import { shareParts } from '../terminal/progress-parts.js';
import type { Terminal } from '../terminal/terminal.js';
import { lookCourse } from '../terminal/look-course.js';
import { noScreen } from '../terminal/screen.js';
import { printable } from '../terminal/terminal.js';

export interface SyncBoard {
  /** The line that shows how far the sync of one source is. */
  lineOf(source: string): ProgressLine;
  /** It is over: a line that stays, and its place on the board is free. */
  over(source: string, line: string): void;
  end(): void;
}

/** A terminal is drawn over as often as progress comes; elsewhere the sum is told as seldom as one line is. */
const plainEveryMs = 5_000;
const drawEveryMs = 200;

export function syncBoard(terminal: Terminal, sources: readonly string[]): SyncBoard {
  const board = boardOf(terminal);
  const startedAtMs = Date.now();
  const parts = new Map<string, readonly Part[]>();
  const progress = new Map<string, Progress>();
  const ended = new Set<string>();
  const sum = (): Part[] =>
    sumParts([...progress.values()], { ended: ended.size, all: sources.length, startedAtMs }, terminal);
  const shownParts = () => sources.map((source) => parts.get(source)).filter((one) => one !== undefined);
  const draw = (): void => board?.show((cells, rows) => boardLines(shownParts(), sum(), cells, rows));
  const timer = setInterval(
    () => (board === null ? terminal.json || terminal.note(fittedLine(sum(), Number.POSITIVE_INFINITY)) : draw()),
    board === null ? plainEveryMs : drawEveryMs,
  );
  const above = (tell: () => void): void => {
    board?.end();
    tell();
    draw();
  };
  return {
    lineOf(source) {
      const alone = syncLine({ ...terminal, note: (line) => above(() => terminal.note(line)) }, source, noScreen);
      const look = lookCourse();
      return {
        ...alone,
        looks: (course) => look.at(course),
        progress(now) {
          alone.progress(now);
          progress.set(source, now);
          parts.set(source, progressParts(now, terminal, look));
        },
        silent: (who, sinceMs) => void parts.set(source, silenceParts(source, who, sinceMs)),
      };
    },
    over(source, line) {
      ended.add(source);
      parts.delete(source);
      const last = progress.get(source);
      if (last !== undefined) progress.set(source, overNow(last));
      above(() => terminal.say(line));
    },
    end() {
      clearInterval(timer);
      board?.end();
    },
  };
}

/** What was seen of it last was some moments before its end. */
function overNow(last: Progress): Progress {
  const recordsCommitted = Math.max(last.recordsCommitted, last.recordsExpected ?? 0);
  return { ...last, state: 'done', recordsCommitted, remainingMs: 0 };
}

/** The last line is the sum; of sources, as many as there are rows for. */
function boardLines(parts: readonly (readonly Part[])[], sum: readonly Part[], cells: number, rows: number): string[] {
  const room = Math.max(1, rows - 3);
  const more = parts.length > room ? [`and ${amount(parts.length - room, 'source')} more`] : [];
  return [...parts.slice(0, room).map((one) => fittedLine(one, cells)), ...more, fittedLine(sum, cells)];
}

interface Course {
  readonly ended: number;
  readonly all: number;
  readonly startedAtMs: number;
}

/** Time left is that of the slowest; where one cannot tell, nobody can. */
function sumParts(all: readonly Progress[], { ended, all: count, startedAtMs }: Course, { style }: Terminal): Part[] {
  const total = all.every(({ recordsExpected }) => recordsExpected !== null)
    ? all.reduce((sum, { recordsExpected }) => sum + recordsExpected!, 0)
    : null;
  const left = all.map(({ remainingMs }) => remainingMs);
  const share = {
    done: all.reduce((sum, { recordsCommitted }) => sum + recordsCommitted, 0),
    total: all.length < count ? null : total,
    unit: 'record',
    perSecond: all.reduce((sum, { state, eventsPerSecond }) => sum + (state === 'running' ? eventsPerSecond : 0), 0),
    leftMs: all.length < count || left.includes(null) ? null : Math.max(0, ...(left as number[])),
  };
  return [
    { text: printable(`${counted(ended)} of ${amount(count, 'source')}`), rank: 1, paint: style.bold },
    ...shareParts(share, style),
    { text: duration(Date.now() - startedAtMs), rank: 8 },
  ];
}
