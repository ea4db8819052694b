// Which tributary.yaml is taken: the one that TRIBUTARY_CONFIG (or --file) names; else the nearest from the working directory
// upwards, found as the home is.
import { resolve } from 'node:path';
import { readFileSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../domain/errors.js';
import { isAnothers, placesUpwards } from '../home-place.js';
import { limits } from '../limits.js';

export const configFileName = 'tributary.yaml';
/** TRIBUTARY_CONFIG=none */
const noFile = 'none';

export interface ConfigPlace {
  /** Absolute. */
  readonly path: string;
  readonly why: 'named' | 'found';
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Undefined: there is none, and none is named. */
export function placeOfConfig(environment: Environment, directory: string): ConfigPlace | undefined {
  const { TRIBUTARY_CONFIG: named } = environment;
  if (named === noFile) return undefined;
  if (named !== undefined && named !== '') return { path: resolve(directory, named), why: 'named' };
  const path = placesUpwards(directory, environment)
    .map((place) => join(place, configFileName))
    .find((candidate) => statOf(candidate) !== undefined);
  if (path === undefined) return undefined;
  refuseForeign(path, environment);
  return { path, why: 'found' };
}

/** Passed over, it would be believed to hold; taken, it would be another user's word about our processes. */
function refuseForeign(path: string, environment: Environment): void {
  const { uid } = statSync(path);
  if (!isAnothers(uid, environment)) return;
  throw new InvalidInput(
    'TRIBUTARY_CONFIG',
    `is not set, and ${JSON.stringify(path)}, the nearest ${configFileName}, belongs to another user (uid ${uid}); set TRIBUTARY_CONFIG to it if you mean it, or to none`,
  );
}

/** Its text. Throws InvalidInput that names the file. */
export function configText({ path, why }: ConfigPlace): string {
  const refuse = (problem: string): never => {
    throw new InvalidInput(
      JSON.stringify(path),
      `${problem}${why === 'found' ? '; set TRIBUTARY_CONFIG to another, or to none' : ''}`,
    );
  };
  const stat = statOf(path);
  if (stat === undefined) return refuse('is no file here');
  // Whoever reads from a pipe or a device may wait for ever.
  if (!stat.isFile()) return refuse('is no file but a directory, a pipe or a device');
  if (stat.size > limits.configFileBytesMax)
    return refuse(`has ${stat.size} bytes, expected at most ${limits.configFileBytesMax}`);
  return decoded(readable(path, refuse), refuse);
}

function readable(path: string, refuse: (problem: string) => never): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    return refuse(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function decoded(bytes: Buffer, refuse: (problem: string) => never): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('holds bytes that are no UTF-8');
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
