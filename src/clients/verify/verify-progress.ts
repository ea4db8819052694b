// How far `tributary verify` is: the rows it has read, and when it will have read the others.
import type { EventProgress } from '../../store/proving/check-events.js';
import { duration } from '../terminal/figures.js';
import { fittedLine, type Part } from '../terminal/fitted-line.js';
import { shareParts, shareSince } from '../terminal/progress-parts.js';
import { screenOf } from '../terminal/screen.js';
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
      screen.show((cells) => fittedLine(partsOf(reading, counting, startedAtMs, terminal), cells));
    },
    end: () => screen.end(),
  };
}

/** Rows are read beside the counts, and take longer: the time left is that of the rows. */
function partsOf(reading: EventProgress | null, counting: string, startedAtMs: number, { style }: Terminal): Part[] {
  const told = { text: counting, rank: 7, least: 12 };
  if (reading === null || reading.total === 0 || reading.done === reading.total)
    return [told, { text: duration(Date.now() - startedAtMs), rank: 2 }];
  return [...shareParts(shareSince(startedAtMs, reading.done, reading.total, 'event'), style), told];
}
