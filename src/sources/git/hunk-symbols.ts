// The symbols a patch touches: for each changed line the declaration nearest above, itself included. git's header of a
// hunk names the one above the hunk; the hunk's own three lines before the change may hold a nearer one.
import { gitLimits } from './limits.js';
import { declarationIn, headerBytesMax } from './declarations.js';

/** `{name, type}`, or `{text}`: a header that does not make plain what it names. */
export type HunkSymbol = { name: string; type: string } | { text: string };

export interface Symbols {
  readonly symbols: readonly HunkSymbol[];
  readonly more: boolean;
}

const hunkHeader = /^@@ -[\d,]+ \+[\d,]+ @@ ?([^\n]*)$/;

/** `patch` is latin1 text of one file, as git prints it. */
export function symbolsOf(patch: string, language: string): Symbols {
  const found = new Map<string, HunkSymbol>();
  let [inHunk, current] = [false, null as HunkSymbol | null];
  for (let start = 0, end; start < patch.length; start = end + 1) {
    end = patch.indexOf('\n', start);
    if (end < 0) end = patch.length;
    const mark = patch.charCodeAt(start);
    if (mark === at) [inHunk, current] = [true, headerSymbol(patch.slice(start, end), language)];
    else if (inHunk && mark !== backslash) {
      const line = patch.slice(start + 1, Math.min(end, start + lineChars));
      current = declarationIn(line, language) ?? current;
      if (mark !== blank && current !== null && line.trim() !== '') found.set(JSON.stringify(current), current);
      if (found.size > gitLimits.symbolsMax) break;
    }
  }
  const symbols = [...found.values()];
  return { symbols: symbols.slice(0, gitLimits.symbolsMax), more: symbols.length > gitLimits.symbolsMax };
}

const [at, backslash, blank] = [0x40, 0x5c, 0x20];
const lineChars = 400;

function headerSymbol(line: string, language: string): HunkSymbol | null {
  const [, header = ''] = hunkHeader.exec(line) ?? [];
  if (header.trim() === '') return null;
  return (
    declarationIn(header, language, headerBytesMax) ?? {
      text: Buffer.from(header.trimEnd(), 'latin1')
        .toString()
        .replace(/\ufffd+$/, ''),
    }
  );
}

export interface LfsPointer {
  /** sha256 of the content. */
  readonly oid: string;
  readonly size: number;
}

/** Of a pointer that git LFS put in the place of the file: the content's sha256 and its bytes. */
export function lfsPointerIn(patch: string): LfsPointer | null {
  if (!pointerStart.test(patch)) return null;
  const body = patch.slice(patch.indexOf('\n@@ ') + 1);
  const text = body.split('\n').filter((line) => line.startsWith('+') || line.startsWith(' ')).map((line) => line.slice(1)); // prettier-ignore
  // A pointer is small and all of its file.
  if (text.length > pointerLinesMax || !text[0]!.startsWith('version ')) return null;
  const [oid, size] = [/^oid sha256:([0-9a-f]{64})$/m, /^size (\d{1,15})$/m].map(
    (pattern) => pattern.exec(text.join('\n'))?.[1],
  );
  return oid === undefined || size === undefined ? null : { oid, size: Number(size) };
}

const pointerStart = /^[+ ]version https:\/\/git-lfs\.github\.com\/spec\/v1$/m;
const pointerLinesMax = 20;
