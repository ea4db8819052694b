// A commit object's bytes to its parts. Nothing in it is certain to be there: anybody can write any object.
import { commitTime, type CommitTime } from './commit-time.js';
import { textOf, type Text } from './text.js';

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
}

/** `cut`: there is more of it. Ten thousand parents end beyond what is kept; half an id is none. */
export function parseCommit(bytes: Buffer, cut = false): ParsedCommit {
  const end = bytes.indexOf('\n\n');
  // latin1 keeps bytes apart; names become text below, when the encoding is known.
  const lines = bytes.toString('latin1', 0, end < 0 ? bytes.length : end).split('\n');
  if (cut && end < 0) lines.pop();
  const encoding = valueOf(lines, 'encoding');
  return {
    tree: valueOf(lines, 'tree') ?? null,
    parents: lines.filter((line) => line.startsWith('parent ')).map((line) => line.slice(7)),
    author: personOf(valueOf(lines, 'author'), encoding),
    committer: personOf(valueOf(lines, 'committer'), encoding),
    message: textOf(end < 0 ? Buffer.alloc(0) : bytes.subarray(end + 2), encoding),
  };
}

/** Continuation lines (of a signature, of a merged tag) begin with a blank and match no name. */
export function valueOf(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
}

/** `Name <mail> seconds zone`, read like git reads it: the mail ends at the first '>', the date begins after the last. */
export function personOf(line: string | undefined, encoding: string | undefined): Person | null {
  if (line === undefined) return null;
  const open = line.indexOf('<');
  const close = line.indexOf('>', open);
  const name = open < 0 ? line : line.slice(0, open);
  const email = open < 0 || close < 0 ? '' : line.slice(open + 1, close);
  const when = commitTime(line.slice(line.lastIndexOf('>') + 1));
  return { name: textOrNull(name, encoding), email: textOrNull(email, encoding), when };
}

function textOrNull(latin1: string, encoding: string | undefined): Text | null {
  const trimmed = latin1.replaceAll(/^[ \t\f\v\r]+|[ \t\f\v\r]+$/g, '');
  return trimmed === '' ? null : textOf(Buffer.from(trimmed, 'latin1'), encoding);
}

/** Like `%s`: the lines of the first paragraph, joined. */
export function subjectOf(message: string): string {
  const lines: string[] = [];
  for (const line of message.replace(/^\s*\n/, '').split('\n')) {
    if (line.trim() === '') break;
    lines.push(line.trimEnd());
  }
  return lines.join(' ');
}
