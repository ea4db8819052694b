// Trailers (`Signed-off-by: …`) as `git log --format='%(trailers:only,unfold)'` finds them: git's trailer.c and commit.c,
// step by step, with no settings of a user. A message read from a commit has no `---` that ends it; `git
// interpret-trailers` on a file assumes one, and so would say otherwise.
import { gitLimits } from './limits.js';
import { trimmed } from './text.js';

// A type and no interface: it goes into `data` as JSON.
export type Trailer = { key: string; value: string };

// Lines keep their line feed: git tells a last line without one from others.
/** git's own isspace: neither a form feed nor a blank of Unicode is one. */
const blank = /^[ \t\r\n]*$/;
const leading = /^[ \t\r\n]/;
const withSeparator = /^([A-Za-z0-9-]+)[ \t]*:/;
const gitsOwn = ['Signed-off-by: ', '(cherry picked from commit '];
const scissors = '# ------------------------ >8 ------------------------\n';

export function trailersOf(message: string): Trailer[] {
  const block = trailerBlock(linesOf(message));
  return unfolded(block).flatMap(trailerOf).slice(0, gitLimits.trailersMax);
}

/** git ends a text at a NUL, and passes over blank lines before the subject. */
function linesOf(message: string): string[] {
  const nul = message.indexOf('\0');
  const lines = (nul < 0 ? message : message.slice(0, nul)).split(/(?<=\n)/);
  const first = lines.findIndex((line) => !blank.test(line));
  return first < 0 ? [] : lines.slice(first);
}

/** The last paragraph, when all its lines are trailers, or one is git's own kind and at least a quarter are. */
function trailerBlock(all: readonly string[]): readonly string[] {
  const lines = all.slice(0, endOfText(all));
  const count = { trailers: 0, others: 0, folded: 0, own: false, begun: false };
  const first = endOfTitle(lines);
  for (let at = lines.length - 1; at >= first; at--) {
    const line = lines[at]!;
    if (line.startsWith('#')) [count.others, count.folded] = [count.others + count.folded, 0];
    else if (!blank.test(line)) countLine(line, count);
    else if (count.begun) return isBlock(count) ? lines.slice(at + 1) : [];
  }
  return [];
}

interface Count {
  trailers: number;
  others: number;
  /** Lines that begin with a blank: they go on with what comes before them, which is not known yet. */
  folded: number;
  /** There is a line that git itself writes. */
  own: boolean;
  begun: boolean;
}

function countLine(line: string, count: Count): void {
  count.begun = true;
  const own = gitsOwn.some((beginning) => line.startsWith(beginning));
  if (own || withSeparator.test(line)) {
    count.trailers++;
    count.folded = 0;
    count.own ||= own;
  } else if (leading.test(line)) count.folded++;
  else [count.others, count.folded] = [count.others + 1 + count.folded, 0];
}

function isBlock({ trailers, others, folded, own }: Count): boolean {
  const rest = others + folded;
  return own ? trailers * 3 >= rest : trailers > 0 && rest === 0;
}

/** The title is no trailer. Comments before it do not end it. */
function endOfTitle(lines: readonly string[]): number {
  const end = lines.findIndex((line) => !line.startsWith('#') && blank.test(line));
  return end < 0 ? lines.length : end;
}

/** Without what old gits and editors left: comments, empty lines, a list of conflicts, all below a pair of scissors. */
function endOfText(lines: readonly string[]): number {
  const cut = lines.indexOf(scissors);
  let [end, inConflicts] = [-1, false];
  for (const [at, line] of lines.slice(0, cut < 0 ? lines.length : cut).entries()) {
    if (line === '\n' || line.startsWith('#')) end = end < 0 ? at : end;
    else if (line === 'Conflicts:\n') [end, inConflicts] = [end < 0 ? at : end, true];
    else if (!(inConflicts && line.startsWith('\t'))) [end, inConflicts] = [-1, false];
  }
  if (end >= 0) return end;
  return cut < 0 ? lines.length : cut;
}

/** A line that begins with a blank goes on with the trailer before it, if there is one right before it. */
function unfolded(lines: readonly string[]): string[] {
  const result: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open && leading.test(line)) result[result.length - 1] += line;
    else {
      open = withSeparator.test(line);
      result.push(line);
    }
  }
  return result;
}

function trailerOf(text: string): Trailer[] {
  const [beginning, key] = withSeparator.exec(text) ?? [];
  if (beginning === undefined || key === undefined) return [];
  const value = trim(trim(text.slice(beginning.length)).replaceAll(/\n[ \t\r\n]*/g, ' '));
  return [{ key: cut(key), value: cut(value) }];
}

const trim = (text: string): string => trimmed(text, ' \t\r\n');
const cut = (text: string): string => text.slice(0, gitLimits.trailerCharsMax).toWellFormed();
