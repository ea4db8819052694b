// The order of enrichment processors: each after those it depends on, and otherwise as they were declared.
import { InvalidInput } from './errors.js';

interface Node {
  readonly name: string;
  readonly dependencies?: readonly string[];
}

/** Throws InvalidInput that names the missing dependency, or the circle. Names are distinct. */
export function inDependencyOrder<T extends Node>(processors: readonly T[]): readonly T[] {
  const known = new Set(processors.map(({ name }) => name));
  processors.forEach((processor, at) => assertKnown(processor, at, known));
  const ordered: T[] = [];
  const placed = new Set<string>();
  while (ordered.length < processors.length) {
    const next = processors.find(
      ({ name, dependencies = [] }) => !placed.has(name) && dependencies.every((one) => placed.has(one)),
    );
    if (next === undefined)
      throw new InvalidInput(
        'processors',
        `depend on each other in a circle: ${circle(processors, placed).join(' → ')}`,
      );
    ordered.push(next);
    placed.add(next.name);
  }
  return ordered;
}

function assertKnown({ name, dependencies = [] }: Node, at: number, known: ReadonlySet<string>): void {
  const missing = dependencies.find((one) => !known.has(one));
  if (missing === undefined) return;
  throw new InvalidInput(
    `processors.${at}.dependencies`,
    `${name} needs ${missing}, which is no processor here, expected some of ${[...known].join(', ')}`,
  );
}

/** Of those that could not be placed each has a dependency among them: following these must come round. */
function circle(processors: readonly Node[], placed: ReadonlySet<string>): string[] {
  const next = new Map(
    processors.map(({ name, dependencies = [] }) => [name, dependencies.find((one) => !placed.has(one))]),
  );
  const walked: string[] = [];
  let name = processors.find((one) => !placed.has(one.name))!.name;
  while (!walked.includes(name)) {
    walked.push(name);
    name = next.get(name)!;
  }
  return [...walked.slice(walked.indexOf(name)), name];
}

/** Without those switched off, and without those that need them. Throws InvalidInput for a name that is none. */
export function switchedOn<T extends Node>(ordered: readonly T[], off: readonly string[]): readonly T[] {
  const unknown = off.find((name) => !ordered.some((one) => one.name === name));
  if (unknown !== undefined) {
    throw new InvalidInput(
      'TRIBUTARY_ENRICH_OFF',
      `names ${unknown}, which is no processor here, expected some of ${ordered.map(({ name }) => name).join(', ')}`,
    );
  }
  const gone = new Set(off);
  return ordered.filter(({ name, dependencies = [] }) => {
    if (dependencies.some((one) => gone.has(one))) gone.add(name);
    return !gone.has(name);
  });
}
