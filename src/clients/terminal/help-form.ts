// Help on a terminal of any width: lines end between words, and a command that is shown can be pasted as it stands.
import { Help } from 'commander';
import { widthOf } from './text-width.js';

/** A summary beside its option needs this many cells; with fewer it begins on a line of its own. */
const besideCellsMin = 30;
const belowIndent = 6;

/** For `configureHelp`. */
export const helpForm: Partial<Help> = {
  minWidthToWrap: 12,
  formatItem(this: Help, term: string, termWidth: number, description: string, help: Help): string {
    const width = this.helpWidth ?? usualCells;
    if (width - termWidth - 4 >= besideCellsMin)
      return Help.prototype.formatItem.call(this, term, termWidth, description, help);
    const below = help.boxWrap(description, width - belowIndent).replaceAll('\n', `\n${' '.repeat(belowIndent)}`);
    return `  ${term}\n${' '.repeat(belowIndent)}${below}`;
  },
};

const usualCells = 80;

/** Of standard output; what git and less take it for where it does not say. */
export function helpCells(): number {
  return process.stdout.columns || usualCells;
}

/** What does not fit a line goes on in the next, further in; a pipe gets lines as they are. */
export function wrappedHelp(text: string, cells: number): string {
  return text
    .split('\n')
    .flatMap((line) => (widthOf(line) <= cells ? [line] : wrapped(line, cells)))
    .join('\n');
}

function wrapped(line: string, cells: number): string[] {
  const isCommand = /^\s*\$ /.test(line);
  const indent = ' '.repeat(/^\s*/.exec(line)![0].length + (isCommand ? 4 : 2));
  // A shell takes a line that ends in a backslash for one that goes on; within quotes it would not.
  const end = isCommand ? ' \\' : '';
  const lines: string[] = [];
  let current = '';
  for (const word of line.match(isCommand ? /\s*(?:'[^']*'|"[^"]*"|[^\s'"])+/g : /\s*\S+/g) ?? []) {
    if (current !== '' && widthOf(current + word) > cells - end.length) {
      lines.push(current + end);
      current = indent + word.trimStart();
    } else current += word;
  }
  return [...lines, current];
}
