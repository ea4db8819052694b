// The Dockerfile as data: its stages and their instructions, with continued lines joined.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export interface Copy {
  /** The stage copied from; undefined is the build context. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function instructions(): Instruction[] {
  const text = readFileSync(join(packageRoot, 'Dockerfile'), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '');
  return [...text.matchAll(/^([A-Z]+) +(.+)$/gm)].map(([, name, rest]) => ({ name: name!, rest: rest! }));
}

/** What makes the image that runs: the stage after the last FROM. */
export function lastStage(): Instruction[] {
  const all = instructions();
  return all.slice(all.findLastIndex(({ name }) => name === 'FROM') + 1);
}

export function copyOf({ rest }: Instruction): Copy {
  const words = rest.split(' ');
  const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1)! };
}

/** The JSON form of CMD. */
export function commandOf(stage: readonly Instruction[]): string[] {
  const found = stage.find(({ name }) => name === 'CMD');
  if (found === undefined) throw new Error('the Dockerfile has no CMD');
  return JSON.parse(found.rest) as string[];
}
