// What is told while a stack starts: its own lines, how long the last of them has been so, and what Ctrl-C leaves behind.
import { sayAtInterrupt } from '../interrupt.js';
import { duration } from '../terminal/figures.js';
import { fittedLine } from '../terminal/fitted-line.js';
import { screenOf } from '../terminal/screen.js';
import type { Terminal } from '../terminal/terminal.js';

export interface StartLine {
  readonly onProgress: (line: string) => void;
  /** It has started, or will not. */
  end(): void;
}

const drawEveryMs = 500;
/** A start takes a second or two, and nobody need be told of that. */
const quietMs = 1_000;

export function startLine(terminal: Terminal): StartLine {
  const screen = screenOf(terminal);
  let last = { text: '', atMs: Date.now() };
  const draw = (): void => {
    const ms = Date.now() - last.atMs;
    if (last.text === '' || ms < quietMs) return;
    screen.show((cells) =>
      fittedLine(
        [
          { text: last.text, rank: 2, least: 16 },
          { text: duration(ms), rank: 1 },
        ],
        cells,
      ),
    );
  };
  const timer = setInterval(draw, drawEveryMs);
  // The supervisor has a process group of its own, so it does not hear of it.
  const endLastWords = sayAtInterrupt(() => {
    screen.end();
    if (last.text !== '')
      terminal.note(
        'the stack goes on starting in the background: `tributary status` tells when it is ready, `tributary down` stops it',
      );
  });
  return {
    onProgress(text) {
      last = { text, atMs: Date.now() };
      screen.end();
      terminal.note(terminal.style.dim(text));
    },
    end() {
      clearInterval(timer);
      endLastWords();
      screen.end();
    },
  };
}
