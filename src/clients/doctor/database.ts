// The database in use: whether it answers, whether it keeps what it says it keeps, whether its tables are ours.
import { limits } from '../../limits.js';
import { diagnoseDatabase, type DatabaseFacts } from '../../store/reading/diagnosis.js';
import { failureReport } from '../failure-report.js';
import { withDatabase } from '../stack/stack-access.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Leases and heartbeats are in seconds. */
const clockMsMax = 5_000;

export async function databaseFindings(databaseUrl: string): Promise<Finding[]> {
  try {
    const facts = await withDatabase(databaseUrl, (pool) => diagnoseDatabase(pool), limits.quickAnswerMs);
    return [
      version(facts),
      durability(facts),
      migrations(facts),
      ...role(facts),
      ...partitions(facts),
      ...clock(facts),
    ];
  } catch (error) {
    return [
      fail(
        'postgres',
        failureReport(error).line.replace('error: ', ''),
        'Start it, or correct DATABASE_URL (host, port, user, database).',
      ),
    ];
  }
}

function version({ version: found, recentEnough }: DatabaseFacts): Finding {
  return recentEnough
    ? ok('postgres', `PostgreSQL ${found}`)
    : fail('postgres', `PostgreSQL ${found}`, 'Use version 15 or later.');
}

function durability({ durability: settings }: DatabaseFacts): Finding {
  const off = Object.entries(settings)
    .filter(([, value]) => value === 'off')
    .map(([name]) => name);
  const found = Object.entries(settings)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  return off.length === 0
    ? ok('durability', found)
    : fail('durability', found, `Set ${off.join(' and ')} to on: a crash would lose acknowledged events.`);
}

function migrations({ applied, pending, unknown }: DatabaseFacts): Finding {
  if (unknown.length > 0)
    return fail(
      'migrations',
      `${unknown.join(', ')} not as in this version`,
      'Use the version of Tributary that made this database, or a later one, with the files of sql/ unchanged.',
    );
  if (pending.length === 0) return ok('migrations', `all ${applied} applied`);
  return warn(
    'migrations',
    `${pending.length} not applied (${pending.join(', ')})`,
    'A worker applies them when it starts: `tributary up`, or `tributary worker` beside your own servers.',
  );
}

function role({ workerRole, applied }: DatabaseFacts): Finding[] {
  if (applied === 0) return [];
  return [
    workerRole
      ? ok('worker role', 'tributary_worker')
      : warn(
          'worker role',
          'there is no role tributary_worker: the worker has all rights of its user',
          'Let a user who may create roles run `create role tributary_worker nologin`, and the migrations on a new database.',
        ),
  ];
}

function partitions({ inDefaultPartition }: DatabaseFacts): Finding[] {
  return inDefaultPartition
    ? [
        warn(
          'partitions',
          'events of some month have no partition of their own',
          'Nothing is lost; keep a worker running, it makes the next months ahead of time.',
        ),
      ]
    : [];
}

function clock({ clockAheadMs }: DatabaseFacts): Finding[] {
  if (Math.abs(clockAheadMs) < clockMsMax) return [];
  return [
    warn(
      'clock of the database',
      `${Math.round(clockAheadMs / 1_000)} s ahead of this machine's`,
      'Let both follow a time server; times of ingestion and of commits come from different ones.',
    ),
  ];
}
