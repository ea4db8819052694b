// A commit object's bytes to its parts. Nothing in it is certain to be there: anybody can write any object.
import type { ConvertedTexts } from './commit-texts.js';
import { commitTime, type CommitTime } from './commit-time.js';
import { convertedText, textOf, trimmed, type Text } from './text.js';

export interface Person {
  readonly name: Text | null;
  readonly email: Text | null;
  readonly when: CommitTime;
}

export interface ParsedCommit {
  readonly tree: string | null;
  readonly parents: readonly string[];
  readonly author: Person | null;
  readonly committer: Person | null;
  readonly message: Text;
  /** The encoding it names, when it names one. */
  readonly encoding: string | undefined;
}

/**
 * `cut`: there is more of it. Ten thousand parents end beyond what is kept; half an id is none. `converted`: what git read,
 * where the commit names an encoding.
 */
export function parseCommit(bytes: Buffer, cut = false, converted?: ConvertedTexts): ParsedCommit {
  const end = bytes.indexOf('\n\n');
  // latin1 keeps bytes apart; names become text below.
  const lines = bytes.toString('latin1', 0, end < 0 ? bytes.length : end).split('\n');
  if (cut && end < 0) lines.pop();
  const message = end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 2);
  const encoding = valueOf(lines, 'encoding');
  return {
    tree: valueOf(lines, 'tree') ?? null,
    parents: lines.filter((line) => line.startsWith('parent ')).map((line) => line.slice(7)),
    author: personOf(valueOf(lines, 'author'), converted?.author),
    committer: personOf(valueOf(lines, 'committer'), converted?.committer),
    message: converted === undefined ? textOf(message) : convertedText(message, converted.message),
    encoding: encoding === undefined ? undefined : textOf(Buffer.from(encoding, 'latin1')).text,
  };
}

/** Continuation lines (of a signature, of a merged tag) begin with a blank and match no name. */
export function valueOf(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
}

/** `Name <mail> seconds zone`, read like git reads it: the mail ends at the first '>', the date begins after the last. */
export function personOf(line: string | undefined, converted?: ConvertedTexts['author']): Person | null {
  if (line === undefined) return null;
  const open = line.indexOf('<');
  const close = line.indexOf('>', open);
  const name = open < 0 ? line : line.slice(0, open);
  const email = open < 0 || close < 0 ? '' : line.slice(open + 1, close);
  const when = commitTime(line.slice(line.lastIndexOf('>') + 1));
  return { name: textOrNull(name, converted?.name), email: textOrNull(email, converted?.email), when };
}

/** A conversion that leaves nothing (of a header that it made no header) is none. */
function textOrNull(latin1: string, converted: Buffer | undefined): Text | null {
  const bytes = Buffer.from(trimmed(latin1, blanks), 'latin1');
  if (bytes.length === 0) return null;
  const text = Buffer.from(trimmed(converted?.toString('latin1') ?? '', blanks), 'latin1');
  return text.length === 0 ? textOf(bytes) : convertedText(bytes, text);
}

const blanks = ' \t\f\v\r';

/** Like `%s`: the lines of the first paragraph, joined, and of blanks git knows four. A NUL, at which git ends, stays. */
export function subjectOf(message: string): string {
  const lines: string[] = [];
  for (const line of message.split('\n')) {
    const kept = withoutEnd(line);
    if (kept === '' && lines.length > 0) break;
    if (kept !== '') lines.push(kept);
  }
  return lines.join(' ');
}

function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && gitBlanks.includes(line[end - 1]!)) end--;
  return line.slice(0, end);
}

const gitBlanks = ' \t\r\n';
