// Which refs are followed. Globs are those of git's refspecs (one `*`, which also spans '/'), because they go into one.

/** Why this is no ref glob, or null. Rules of `git check-ref-format`, and none of the revision syntax. */
export function refGlobProblem(glob: string): string | null {
  if (glob === 'HEAD') return null;
  const expected = "expected HEAD or a name like refs/heads/main or refs/heads/* ('*' at most once)";
  if (!glob.startsWith('refs/')) return `does not start with refs/; ${expected}`;
  if (glob.length > 255) return `is longer than 255 characters; ${expected}`;
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u0020\u007f~^:?[\\]|\.\.|@\{/.test(glob))
    return `holds a character or sequence no ref name can have; ${expected}`;
  if (glob.split('*').length > 2) return `has more than one '*'; ${expected}`;
  const bad = glob
    .split('/')
    .some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock') || part.endsWith('.'));
  return bad ? `has an empty part, or one that starts with '.' or ends with '.' or '.lock'; ${expected}` : null;
}

export function matchesRef(globs: readonly string[], ref: string): boolean {
  return globs.some((glob) => {
    const [before, after] = glob.split('*') as [string, string?];
    if (after === undefined) return ref === glob;
    return ref.length > before.length + after.length && ref.startsWith(before) && ref.endsWith(after);
  });
}

/** Where a followed ref of the origin stands in the mirror: out of the way of git's own meaning of refs/heads. */
export const mirrorRefsPrefix = 'refs/tributary/tips/';

export function refspecOf(glob: string): string {
  return `+${glob}:${mirrorRefsPrefix}${glob}`;
}
