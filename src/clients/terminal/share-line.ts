// The line of something that is counted from its beginning to its end: how much of it is done, how fast, and how long it takes yet.
import { fittedLine } from './fitted-line.js';
import { shareParts, shareSince } from './progress-parts.js';
import { screenOf } from './screen.js';
import type { Terminal } from './terminal.js';

export interface ShareLine {
  show(done: number): void;
  /** Takes the line away. */
  end(): void;
}

/** `unit` is the word for one; `total` null where nobody can tell. */
export function shareLine(terminal: Terminal, unit: string, total: number | null, what?: string): ShareLine {
  const screen = screenOf(terminal);
  const startedAtMs = Date.now();
  const name = what === undefined ? [] : [{ text: what, rank: 4, least: 8 }];
  return {
    show: (done) =>
      screen.show((cells) =>
        fittedLine([...name, ...shareParts(shareSince(startedAtMs, done, total, unit), terminal.style)], cells),
      ),
    end: () => screen.end(),
  };
}
