// Which paths are wanted. Globs are those of git's pathspec `:(glob)`, matched here and not by git: a pathspec would cut
// a rename in two at its border and leave a commit's stats without what it hides. Bytes, as in git: a path need be no text.

/** Path globs in each of include and exclude; every path is held against all of them. */
export const pathGlobsMax = 100;
/** Characters of one; a path itself has at most 4,096 bytes. */
const pathGlobCharsMax = 1_000;

/** A path as latin1, which keeps its bytes apart. */
export type PathMatcher = (path: string) => boolean;

const expected =
  "expected a path from the top like src/**/*.ts; '*' and '?' stay within a folder, '**' between slashes is any folders";

/** Why this is no path glob, or null. */
export function pathGlobProblem(glob: string): string | null {
  if (glob === '') return `is empty; ${expected}`;
  if (glob.length > pathGlobCharsMax) return `is longer than ${pathGlobCharsMax} characters; ${expected}`;
  if (glob.includes('\0')) return `holds a NUL, which no path can have; ${expected}`;
  if (!glob.isWellFormed()) return `holds half a character (a lone surrogate); ${expected}`;
  if (glob.startsWith(':'))
    return `starts with ':', which is git's pathspec magic and not read here; a path that starts so is written [:]…; ${expected}`;
  if (glob.startsWith('!'))
    return `starts with '!'; what is not wanted goes into exclude (a path that starts so is written \\!…)`;
  if (glob.endsWith('/') && wildcard.test(glob))
    return `ends in '/' after a wildcard, which matches no file; write ${glob}**`;
  const parts = glob.replace(/\/$/, '').split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..'))
    return `has an empty part, '.' or '..'; ${expected}`;
  if (parts.some((part) => part !== '**' && part.includes('**')))
    return `has '**' beside other characters; ${expected}`;
  return parts.map(partProblem).find((problem) => problem !== null) ?? null;
}

function partProblem(part: string): string | null {
  try {
    tokensOf(part);
    return null;
  } catch (error) {
    return `${(error as Error).message}; ${expected}`;
  }
}

/** Wanted: what some `include` matches (all, without any) and no `exclude` does. Undefined when that is everything. */
export function pathMatcher(include: readonly string[], exclude: readonly string[]): PathMatcher | undefined {
  if (include.length === 0 && exclude.length === 0) return undefined;
  const [wanted, unwanted] = [include.map(compile), exclude.map(compile)];
  return (path) => {
    const parts = path.split('/');
    return (wanted.length === 0 || wanted.some((glob) => glob(parts))) && !unwanted.some((glob) => glob(parts));
  };
}

/** Without a wildcard it is also all that is below it. */
export function isPlainGlob(glob: string): boolean {
  return !wildcard.test(glob);
}

type Token = { readonly kind: 'star' } | { readonly kind: 'one'; readonly matches: (byte: number) => boolean };
/** Null is `**`: any number of folders. */
type Part = readonly Token[] | null;

/** Without a wildcard `src` is also all that is below it; with one, all of the path must match. Both as in git. */
function compile(glob: string): (parts: readonly string[]) => boolean {
  const parts = Buffer.from(glob.replace(/\/$/, '')).toString('latin1').split('/').map((part): Part => (part === '**' ? null : tokensOf(part))); // prettier-ignore
  if (isPlainGlob(glob))
    return (path) =>
      path.length >= parts.length + (glob.endsWith('/') ? 1 : 0) &&
      parts.every((part, at) => matchesName(part!, path[at]!));
  // At the end `**` is at least one name: `src/**` is what is in src, never src itself.
  const whole = parts.at(-1) === null ? [...parts.slice(0, -1), anyName, null] : parts;
  return (path) => matchesWhole(whole, path);
}

/** The whole path must match, as names between slashes in latin1, and so must the glob be. Throws where it cannot be read. */
export function wholePathMatcher(glob: string): (parts: readonly string[]) => boolean {
  const parts = glob.split('/').map((part): Part => (part === '**' ? null : tokensOf(part)));
  const whole = parts.at(-1) === null ? [...parts.slice(0, -1), anyName, null] : parts;
  return (path) => matchesWhole(whole, path);
}

const wildcard = /[*?[\\]/;
const anyName: Part = [{ kind: 'star' }];

/** Only the last star is ever tried again, here as within a name: never more than parts × names steps. */
function matchesWhole(glob: readonly Part[], path: readonly string[]): boolean {
  let [at, name, star, starName] = [0, 0, -1, 0];
  while (at < glob.length || name < path.length) {
    const part = glob[at];
    if (part === null) [star, starName, at] = [at, name, at + 1];
    else if (part !== undefined && name < path.length && matchesName(part, path[name]!))
      [at, name] = [at + 1, name + 1];
    else if (star >= 0 && starName < path.length) [at, name, starName] = [star + 1, starName + 1, starName + 1];
    else return false;
  }
  return true;
}

function matchesName(tokens: readonly Token[], name: string): boolean {
  let [at, place, star, starPlace] = [0, 0, -1, 0];
  while (place < name.length || at < tokens.length) {
    const token = tokens[at];
    if (token?.kind === 'star') [star, starPlace, at] = [at, place, at + 1];
    else if (token !== undefined && place < name.length && token.matches(name.charCodeAt(place)))
      [at, place] = [at + 1, place + 1];
    else if (star >= 0 && starPlace < name.length) [at, place, starPlace] = [star + 1, starPlace + 1, starPlace + 1];
    else return false;
  }
  return true;
}

/** Of one name between slashes. Throws with the problem when it cannot be read. */
function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < part.length; at++) {
    const character = part[at]!;
    if (character === '*') tokens.push({ kind: 'star' });
    else if (character === '?') tokens.push({ kind: 'one', matches: () => true });
    else if (character === '[') {
      const set = setAt(part, at);
      tokens.push({ kind: 'one', matches: set.matches });
      at = set.end;
    } else {
      if (character === '\\') at++;
      if (at === part.length) throw new Error("ends in '\\', which makes the next character plain");
      const code = part.charCodeAt(at);
      tokens.push({ kind: 'one', matches: (byte) => byte === code });
    }
  }
  return tokens;
}

/** `[a-z]`, `[!a]` and `[^a]`; a `]` that comes first is plain. */
function setAt(part: string, start: number): { readonly matches: (byte: number) => boolean; readonly end: number } {
  const negated = part[start + 1] === '!' || part[start + 1] === '^';
  const ranges: (readonly [number, number])[] = [];
  let at = start + (negated ? 2 : 1);
  for (let first = true; part[at] !== ']' || first; first = false) {
    if (part[at] === '[' && part[at + 1] === ':')
      throw new Error('has a class like [:alpha:], which is not known; write its characters');
    const low = plainAt(part, at);
    const isRange = part[low.next] === '-' && part[low.next + 1] !== ']' && part[low.next + 1] !== undefined;
    const high = isRange ? plainAt(part, low.next + 1) : low;
    ranges.push([low.code, high.code]);
    at = high.next;
  }
  return { matches: (byte) => ranges.some(([low, high]) => byte >= low && byte <= high) !== negated, end: at };
}

function plainAt(part: string, at: number): { readonly code: number; readonly next: number } {
  const place = part[at] === '\\' ? at + 1 : at;
  if (place >= part.length) throw new Error("has a '[' without its ']'");
  return { code: part.charCodeAt(place), next: place + 1 };
}
