// Several lines that change, drawn over themselves; on standard error, where the way there is told.
import type { Terminal } from './terminal.js';

export interface Board {
  /** `lines` is given the cells and the rows there are. */
  show(lines: (cells: number, rows: number) => readonly string[]): void;
  /** Takes the lines away. */
  end(): void;
}

const usualRows = 24;

/** Null where nothing can be drawn over: no terminal, or JSON is asked for. */
export function boardOf(terminal: Terminal): Board | null {
  if (terminal.json || !process.stderr.isTTY) return null;
  let drawn = 0;
  const erase = (): string => `\r${drawn > 1 ? `\x1b[${drawn - 1}A` : ''}\x1b[J`;
  // Without wrapping, a line stays one row also when the window is made narrower while it stands there.
  const [noWrap, wrap] = ['\x1b[?7l', '\x1b[?7h'];
  return {
    show(lines) {
      const shown = lines(terminal.lineColumns - 1, process.stderr.rows || usualRows);
      process.stderr.write(`${erase()}${noWrap}${terminal.drawn(shown.join('\n'))}${wrap}`);
      drawn = shown.length;
    },
    end() {
      if (drawn > 0) process.stderr.write(erase());
      drawn = 0;
    },
  };
}
