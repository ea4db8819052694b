// The directory of one embedded stack, and what lies where in it.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HomePaths {
  readonly record: string;
  readonly postgres: string;
  readonly postgresLog: string;
  readonly temporalFile: string;
  readonly temporalLog: string;
  readonly workerLog: string;
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
    supervisorLog: join(home, 'supervisor.log'),
  };
}

/**
 * Private to its user. Root's may be passed through, not listed, because PostgreSQL runs under another account then; every file in
 * it is made private by the supervisor's umask.
 */
export function prepareHome(home: string): void {
  mkdirSync(home, { recursive: true });
  chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
  writeFileSync(join(home, '.gitignore'), '*\n');
}
