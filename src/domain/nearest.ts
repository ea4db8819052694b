// What a person may have meant by a name that is none.

/** Typing mistakes that still show what was meant, of a name of ten letters or more; of a short one fewer do. */
const mistakesMax = 3;

/** Null where none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const [best] = known
    .map((candidate) => ({ candidate, apart: mistakes(name.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((one, other) => one.apart - other.apart);
  const most = Math.min(mistakesMax, Math.max(1, Math.floor(name.length / 3)));
  return best !== undefined && best.apart <= most ? best.candidate : null;
}

/** Letters to insert, delete or replace (Levenshtein). */
function mistakes(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1];
    for (let to = 1; to <= other.length; to++)
      next.push(Math.min(next[to - 1]! + 1, row[to]! + 1, row[to - 1]! + (letter === other[to - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}
