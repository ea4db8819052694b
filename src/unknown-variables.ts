// Variables that look like ours and are not: a misspelt one is set and does nothing.
import { nearestName } from './domain/nearest.js';
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
  return ours.sort().map((name) => ({ name, meant: nearestName(name, known) }));
}

export function unknownText({ name, meant }: UnknownVariable): string {
  return `${name} is set and means nothing here${meant === null ? '' : `; did you mean ${meant}?`}`;
}
