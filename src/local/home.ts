// The directory of one embedded stack, and what lies where in it.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInput } from '../domain/errors.js';
import { makeDirectory } from './directory.js';
import { diskFull, isDiskFull } from './disk.js';

export interface HomePaths {
  readonly record: string;
  readonly postgres: string;
  readonly postgresLog: string;
  readonly temporalFile: string;
  readonly temporalLog: string;
  readonly workerLog: string;
  readonly doorLog: string;
  readonly supervisorLog: string;
}

export function homePaths(home: string): HomePaths {
  return {
    record: join(home, 'stack.json'),
    postgres: join(home, 'postgres'),
    postgresLog: join(home, 'postgres.log'),
    temporalFile: join(home, 'temporal.db'),
    temporalLog: join(home, 'temporal.log'),
    workerLog: join(home, 'worker.log'),
    doorLog: join(home, 'door.log'),
    supervisorLog: join(home, 'supervisor.log'),
  };
}

/**
 * Private to its user. Root's may be passed through, not listed, because PostgreSQL runs under another account then; every file in
 * it is made private by the supervisor's umask.
 */
export function prepareHome(home: string): void {
  try {
    makeDirectory(home);
    chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
    writeFileSync(join(home, '.gitignore'), '*\n');
  } catch (error) {
    throw isDiskFull(error) ? diskFull(home, 'nothing can be started') : unusable(home, 'made and written', error);
  }
}

/** Throws InvalidInput where it cannot be told what runs in this home: another user's, or no directory. */
export function refuseUnreadable(home: string): void {
  try {
    readFileSync(homePaths(home).record);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(home, 'read', error);
  }
}

function unusable(home: string, what: string, error: unknown): InvalidInput {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  const why = ['EACCES', 'EPERM'].includes(code) ? ownership(home) : (reasons[code] ?? '');
  return new InvalidInput(
    'TRIBUTARY_HOME',
    `${JSON.stringify(home)} cannot be ${what} (${code})${why}; set TRIBUTARY_HOME to a directory of your own`,
    { cause: error },
  );
}

const reasons: Readonly<Record<string, string>> = {
  ENOTDIR: ': it, or a part of its path, is no directory',
  EEXIST: ': it is no directory',
  ENAMETOOLONG: ': it, or a part of its path, is too long for this file system',
  EROFS: ': this file system is read-only',
};

function ownership(home: string): string {
  try {
    const { uid } = statSync(home);
    return uid === process.geteuid?.()
      ? ''
      : `: it belongs to another user (uid ${uid}), and so does what may run there`;
  } catch {
    return ': a directory on its path is closed to you';
  }
}
