// How far `tributary verify` is: the rows it has read, and when it will have read the others.
import type { EventProgress } from '../../store/proving/check-events.js';
import { counted, duration, rate } from '../terminal/figures.js';
import { bar, percent, screenOf } from '../terminal/progress-line.js';
import type { Terminal } from '../terminal/terminal.js';

export interface VerifyProgress {
  /** Without `progress`: a check by counts has begun. */
  show(what: string, progress: EventProgress | null): void;
  end(): void;
}

export function verifyProgress(terminal: Terminal): VerifyProgress {
  const screen = screenOf(terminal);
  const startedAtMs = Date.now();
  let counting = '';
  let reading: EventProgress | null = null;
  return {
    show(what, progress) {
      if (progress === null) counting = what;
      else reading = progress;
      screen.show(textOf(reading, counting, Date.now() - startedAtMs, terminal));
    },
    end: () => screen.end(),
  };
}

/** Rows are read beside the counts, and take longer: what is left of them is what is left. */
function textOf(reading: EventProgress | null, counting: string, ms: number, { style }: Terminal): string {
  if (reading === null || reading.total === 0 || reading.done === reading.total) return `${counting} · ${duration(ms)}`;
  const { done, total } = reading;
  const left = done === 0 ? [] : [`${duration((ms * (total - done)) / done)} left`];
  return [
    `${bar(done / total, style)} ${percent(done, total)} ${counted(done)} of ${counted(total)} events`,
    rate(done, ms),
    ...left,
    counting,
  ].join(' · ');
}
