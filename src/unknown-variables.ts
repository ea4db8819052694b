// Variables that look like ours and are not: a misspelt one is set and does nothing.
import { variables } from './variables.js';

export interface UnknownVariable {
  readonly name: string;
  /** The name it is nearest to; null where none is near. */
  readonly meant: string | null;
}

export function unknownVariables(env: NodeJS.ProcessEnv): readonly UnknownVariable[] {
  const known = Object.keys(variables);
  const ours = Object.keys(env).filter(
    (name) => /^TRIB[A-Z]*_/i.test(name) && !known.includes(name) && !name.startsWith('TRIBUTARY_SECRET_'),
  );
  return ours.sort().map((name) => ({ name, meant: nearest(name.toUpperCase(), known) }));
}

export function unknownText({ name, meant }: UnknownVariable): string {
  return `${name} is set and means nothing here${meant === null ? '' : `; did you mean ${meant}?`}`;
}

/** Typing mistakes that still show what was meant. */
const mistakesMax = 3;

function nearest(name: string, known: readonly string[]): string | null {
  const [best] = known
    .map((candidate) => ({ candidate, apart: mistakes(name, candidate) }))
    .toSorted((one, other) => one.apart - other.apart);
  return best !== undefined && best.apart <= mistakesMax ? best.candidate : null;
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
