// Which directory is the home: the one that TRIBUTARY_HOME names; else the nearest `.tributary` from here upwards, found as git
// finds `.git`; else one of the user's own. So a command means the same stack in every folder, and a second one starts only where
// somebody made a place for it.
import { lstatSync, statSync, type Stats } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InvalidInput } from './domain/errors.js';

export interface HomePlace {
  /** Absolute. It may not be there yet. */
  readonly path: string;
  /** `given`: by TRIBUTARY_HOME. `found`: from the working directory upwards. `user`: this user's, where neither says another. */
  readonly why: 'given' | 'found' | 'user';
  /** Homes that are there and would be taken if this one were not; a person may have meant one of them. */
  readonly others: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const folder = '.tributary';

/** Throws InvalidInput where none can be named, or where the nearest one belongs to another user. */
export function placeOfHome(environment: Environment, directory: string): HomePlace {
  const { TRIBUTARY_HOME: given } = environment;
  const user = userHome(environment);
  const candidates = placesUpwards(directory, environment).map((place) => join(place, folder));
  const found = candidates.filter((path) => isHome(path));
  const known = [...found, ...(user !== undefined && isHome(user) ? [user] : [])];
  const others = (path: string): string[] => known.filter((one) => one !== path);
  if (given !== undefined && given !== '') {
    const path = resolve(directory, given);
    return { path, why: 'given', others: others(path) };
  }
  const nearest = candidates.find((path) => isHome(path) || isDeadLink(path));
  if (nearest !== undefined) {
    refuseAbsent(nearest);
    refuseForeign(nearest, environment);
    return { path: nearest, why: 'found', others: others(nearest) };
  }
  if (user === undefined)
    throw new InvalidInput(
      'TRIBUTARY_HOME',
      `is not set, no ${folder} is here or above, and neither XDG_DATA_HOME nor HOME nor the list of users says where this user's data goes; set TRIBUTARY_HOME to a directory of your own`,
    );
  return { path: user, why: 'user', others: [] };
}

/** Directories, the nearest first. As with git, not beyond this file system; and not above the user's own directory. */
export function placesUpwards(directory: string, environment: Environment): string[] {
  const own = ownDirectory(environment);
  const device = statOf(directory)?.dev;
  const found: string[] = [];
  for (let at = resolve(directory); statOf(at)?.dev === device; at = dirname(at)) {
    found.push(at);
    if (at === own || at === dirname(at)) break;
  }
  return found;
}

/** The XDG base directory; on macOS without one, its own convention. */
function userHome(environment: Environment): string | undefined {
  const { XDG_DATA_HOME: data = '' } = environment;
  if (isAbsolute(data)) return join(data, 'tributary');
  const own = ownDirectory(environment);
  const convention = process.platform === 'darwin' ? ['Library', 'Application Support'] : ['.local', 'share'];
  return own === undefined ? undefined : join(own, ...convention, 'tributary');
}

/** By HOME, else by the list of users: a service may have no HOME, a container's user no entry. */
function ownDirectory({ HOME: home = '' }: Environment): string | undefined {
  if (isAbsolute(home)) return resolve(home);
  try {
    const { homedir } = userInfo();
    return isAbsolute(homedir) ? homedir : undefined;
  } catch {
    return undefined;
  }
}

function isHome(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

function isDeadLink(path: string): boolean {
  return statOf(path) === undefined && statOf(path, lstatSync)?.isSymbolicLink() === true;
}

/** A disk that is not mounted, most likely: the stack is there, and another one in its stead would be an accident. */
function refuseAbsent(path: string): void {
  if (!isDeadLink(path)) return;
  throw new InvalidInput(
    'TRIBUTARY_HOME',
    `is not set, and ${JSON.stringify(path)}, the nearest ${folder}, is a link that leads nowhere; mount what it leads to, remove it, or set TRIBUTARY_HOME to a directory of your own`,
  );
}

/**
 * What lies in it names processes to end and a database to write to, so another's is not followed for being there, by
 * root neither; who means it says so with TRIBUTARY_HOME. Passed over, it would be the accident of a second stack.
 */
function refuseForeign(path: string, environment: Environment): void {
  const { uid } = statSync(path);
  if (!isAnothers(uid, environment)) return;
  throw new InvalidInput(
    'TRIBUTARY_HOME',
    `is not set, and ${JSON.stringify(path)}, the nearest ${folder}, belongs to another user (uid ${uid}); set TRIBUTARY_HOME to it if you mean it, or to a directory of your own`,
  );
}

/** Of neither this user, nor of the one that root acts for. */
export function isAnothers(uid: number, { SUDO_UID: caller }: Environment): boolean {
  const user = process.geteuid?.();
  return user !== undefined && uid !== user && !(user === 0 && String(uid) === caller);
}

/** Undefined for what is not there, or is closed to us. */
function statOf(path: string, stat: (path: string) => Stats = statSync): Stats | undefined {
  try {
    return stat(path);
  } catch {
    return undefined;
  }
}

/** With what lies in it a path of at most 1,023 bytes: PostgreSQL cuts off longer ones. */
const homeBytesMax = 850;

/** Throws InvalidInput for a place whose files PostgreSQL, or we ourselves, could not name. */
export function nameableHome(home: string): string {
  const instead = 'set TRIBUTARY_HOME to another directory';
  const place = `${JSON.stringify(home.slice(0, 60))}${home.length > 60 ? '…' : ''}`;
  // PostgreSQL writes the path into a file of one fact a line. Node writes what is no UTF-8 as U+FFFD: another directory.
  if (/\p{Cc}/u.test(home))
    throw new InvalidInput(
      'TRIBUTARY_HOME',
      `${place} holds a line break or another control character, which PostgreSQL cannot work with: ${instead}`,
    );
  if (home.includes('\ufffd'))
    throw new InvalidInput('TRIBUTARY_HOME', `${place} holds bytes that are no UTF-8: ${instead}`);
  const bytes = Buffer.byteLength(home);
  if (bytes > homeBytesMax)
    throw new InvalidInput(
      'TRIBUTARY_HOME',
      `${place} is a path of ${bytes} bytes, expected at most ${homeBytesMax}: ${instead}`,
    );
  return home;
}
