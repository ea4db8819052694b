// A pattern against one text: `*` is any run of characters, also none and also across dots and slashes; `?` is one.
//
// Ours, because libraries make a regular expression of a pattern: subjects come from outside, and one of 4,096 characters
// that almost matches three stars costs such an expression seconds. This one goes back to its last star only, so it takes
// at most the product of both lengths.

export function matchesGlob(pattern: string, text: string): boolean {
  let [at, to] = [0, 0];
  let [star, retry] = [-1, 0];
  while (to < text.length) {
    const sign = pattern[at];
    if (sign === '*') [star, retry, at] = [at, to, at + 1];
    else if (sign === '?' || sign === text[to]) [at, to] = [at + 1, to + 1];
    else if (star < 0) return false;
    // The last star takes one character more.
    else [retry, at, to] = [retry + 1, star + 1, retry + 1];
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
