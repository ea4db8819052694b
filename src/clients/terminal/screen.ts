// Where a line that changes is shown: on a terminal it is drawn over itself, elsewhere it is a plain line every few seconds,
// and nowhere when JSON is asked for.
import type { Terminal } from './terminal.js';

const plainEveryMs = 5_000;

export interface Screen {
  /** `line` is given the cells there are. */
  show(line: (cells: number) => string): void;
  /** Takes the line away. */
  end(): void;
}

export const noScreen: Screen = { show() {}, end() {} };

export function screenOf(terminal: Terminal): Screen {
  if (terminal.json) return noScreen;
  return process.stderr.isTTY ? drawn(terminal) : plain(terminal);
}

function drawn(terminal: Terminal): Screen {
  const erase = '\r\x1b[2K';
  // Without wrapping, a line stays one line also when the window is made narrower while it stands there.
  const [noWrap, wrap] = ['\x1b[?7l', '\x1b[?7h'];
  let stands = false;
  return {
    show: (line) => {
      const text = terminal.drawn(line(terminal.lineColumns - 1));
      process.stderr.write(`${erase}${noWrap}${text}${wrap}`);
      stands = true;
    },
    end: () => {
      if (stands) process.stderr.write(erase);
      stands = false;
    },
  };
}

function plain(terminal: Terminal): Screen {
  let shownAtMs = Date.now();
  return {
    show: (line) => {
      if (Date.now() - shownAtMs < plainEveryMs) return;
      shownAtMs = Date.now();
      terminal.note(line(Number.POSITIVE_INFINITY));
    },
    end: () => undefined,
  };
}
