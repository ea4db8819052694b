// .gitignore files as git reads them, those within the root alone: `.git/info/exclude`, core.excludesFile and what lies above
// the root are outside of it. Ours, because libraries make a regular expression of a line, and a line of twenty stars then costs
// seconds a name; these take at most names × signs steps.
import { wholePathMatcher } from '../path-globs.js';
import { treeLimits } from './limits.js';

interface Rule {
  readonly matches: (parts: readonly string[]) => boolean;
  readonly negated: boolean;
  readonly folders: boolean;
}

/** The rules of one .gitignore, the last first: it wins. */
export interface IgnoreFile {
  /** Names between the root and its folder. */
  readonly depth: number;
  readonly rules: readonly Rule[];
  /** Lines that cannot be read; they match nothing, as in git. */
  readonly unreadable: readonly string[];
}

/** `text` in latin1, as paths are. */
export function parseIgnoreFile(text: string, depth: number): IgnoreFile {
  const [rules, unreadable]: [Rule[], string[]] = [[], []];
  // The three bytes of a mark that some editors begin a file with.
  const lines = text.replace(/^\xef\xbb\xbf/, '').split('\n');
  for (const line of lines.slice(0, treeLimits.ignorePatternsMax)) {
    const pattern = trimmed(line.replace(/\r$/, ''));
    if (pattern === '' || pattern.startsWith('#')) continue;
    try {
      const rule = ruleOf(pattern);
      if (rule !== null) rules.unshift(rule);
    } catch {
      unreadable.push(pattern);
    }
  }
  return { depth, rules, unreadable };
}

/** Blanks at the end do not count, unless a backslash stands before one. */
function trimmed(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ' && !isEscaped(line, end - 1)) end--;
  return line.slice(0, end);
}

function isEscaped(line: string, at: number): boolean {
  let slashes = 0;
  while (line[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}

/** `[a/b]`: to git a class of signs that holds a slash; here a path is matched name by name, so it is told as unreadable. */
export function hasSlashInClass(pattern: string): boolean {
  let [open, slash] = [-1, false];
  for (let at = 0; at < pattern.length; at++) {
    const sign = pattern[at];
    if (sign === '\\') at++;
    else if (open < 0) [open, slash] = [sign === '[' ? at : -1, false];
    else if (sign === '/') slash = true;
    else if (sign === ']' && at > open + 1) {
      if (slash) return true;
      open = -1;
    }
  }
  return false;
}

function ruleOf(line: string): Rule | null {
  if (hasSlashInClass(line)) throw new SyntaxError('a slash within a class');
  const negated = line.startsWith('!');
  let pattern = negated ? line.slice(1) : line;
  const folders = pattern.endsWith('/');
  if (folders) pattern = pattern.slice(0, -1);
  // A slash at the beginning or in the middle ties it to its folder.
  const tied = pattern.includes('/');
  pattern = pattern.replace(/^\//, '');
  if (pattern === '') return null;
  return { matches: wholePathMatcher(tied ? pattern : `**/${pattern}`), negated, folders };
}

/** Whether git would leave this entry out; a folder above it that is left out is for the walk to see. */
export function isIgnored(files: readonly IgnoreFile[], parts: readonly string[], isFolder: boolean): boolean {
  for (let at = files.length - 1; at >= 0; at--) {
    const { depth, rules } = files[at]!;
    const below = parts.slice(depth);
    const rule = rules.find(({ folders, matches }) => (isFolder || !folders) && matches(below));
    if (rule !== undefined) return !rule.negated;
  }
  return false;
}
