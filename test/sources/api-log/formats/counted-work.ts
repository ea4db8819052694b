// What reading a text costs, without a clock.

type Method = (this: string, ...given: unknown[]) => unknown;

/** Characters that a search, a cut or a look goes over, given what it found. */
const work: Record<string, (text: string, given: readonly unknown[], found: unknown) => number> = {
  charCodeAt: () => 1,
  charAt: () => 1,
  startsWith: (_, [what]) => String(what).length,
  slice: (_, __, found) => String(found).length,
  indexOf: (text, [, from = 0], found) => ((found as number) >= 0 ? (found as number) + 1 : text.length) - Number(from),
  ...Object.fromEntries(
    ['lastIndexOf', 'includes', 'endsWith', 'replaceAll', 'split', 'trim'].map((name) => [
      name,
      (text: string) => text.length,
    ]),
  ),
};

/** Characters gone over: everything that reading does with a text goes through these methods. */
export function workOf(read: () => unknown): number {
  const prototype = String.prototype as unknown as Record<string, Method>;
  const own = new Map(Object.keys(work).map((name) => [name, prototype[name]!]));
  let sum = 0;
  for (const [name, method] of own)
    prototype[name] = function (this: string, ...given) {
      const found = method.apply(this, given);
      sum += work[name]!(this, given, found);
      return found;
    };
  try {
    read();
    return sum;
  } finally {
    for (const [name, method] of own) prototype[name] = method;
  }
}
