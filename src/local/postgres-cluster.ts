// A data directory with an initialised cluster in it: where it lies, its password, initdb.
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NeedsAttention } from '../domain/errors.js';
import { runCommand } from './command.js';
import { childEnvironment } from './environment.js';
import { may, postgresAccount } from './postgres-account.js';
import type { Account } from './postgres-account.js';
import { postgresBinaries } from './postgres-binaries.js';

/** Both the superuser and the database. */
export const POSTGRES_NAME = 'tributary';
const INITDB_TIMEOUT_MS = 120_000;

export interface Cluster {
  readonly binaries: string;
  readonly dataDirectory: string;
  readonly account: Account | null;
  readonly password: string;
}

/** The cluster of `directory`, made on first use. */
export async function openCluster(directory: string): Promise<Cluster> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const existing = existingData(directory);
  const account = postgresAccount(existing);
  const binaries = await postgresBinaries(account);
  const password = keepPassword(directory);
  const cluster = { binaries, account, password, dataDirectory: existing ?? place(directory, account) };
  if (existing === null) await initialise(cluster);
  if (!cluster.dataDirectory.startsWith(directory)) pointTo(directory, cluster.dataDirectory);
  return cluster;
}

/** The data directory of `directory`, or null if there is no cluster yet. */
export function existingData(directory: string): string | null {
  const inside = join(directory, 'data');
  if (existsSync(inside)) return inside;
  const pointer = join(directory, 'data.path');
  if (!existsSync(pointer)) return null;
  const elsewhere = readFileSync(pointer, 'utf8').trim();
  if (existsSync(elsewhere)) return elsewhere;
  throw new NeedsAttention(
    'postgres_data_gone',
    `the database was in ${elsewhere} (so says ${pointer}) and is not there any more. Put it back, or delete ${pointer} to start with an empty one.`,
  );
}

/**
 * Where a new cluster goes: inside `directory`, unless PostgreSQL runs under another account that cannot get there (a project under
 * /root or in a private temporary directory); then into a directory of its own, remembered in `data.path`.
 */
function place(directory: string, account: Account | null): string {
  const inside = join(directory, 'data');
  if (account === null || reachable(directory, account)) return inside;
  return join(sharedParent(), randomBytes(6).toString('hex'));
}

/** Written when the cluster is complete: a pointer never leads to nothing, unless somebody removed the data. */
function pointTo(directory: string, dataDirectory: string): void {
  writeFileSync(join(directory, 'data.path'), `${dataDirectory}\n`, { mode: 0o600 });
}

/** Opens `directory` itself for passing through (its files stay private); the parents are not ours to change. */
function reachable(directory: string, account: Account): boolean {
  chmodSync(directory, 0o711);
  if (may(account, '-x', directory)) return true;
  chmodSync(directory, 0o700);
  return false;
}

function sharedParent(): string {
  for (const parent of ['/var/lib/tributary', join(tmpdir(), 'tributary')]) {
    try {
      mkdirSync(parent, { recursive: true });
      // Not by mkdir's mode: our umask keeps everything private.
      chmodSync(parent, 0o755);
      return parent;
    } catch {
      continue;
    }
  }
  throw new NeedsAttention(
    'postgres_data_place',
    'no directory for the database: neither /var/lib/tributary nor one under the temporary directory can be made. Set TRIBUTARY_HOME or DATABASE_URL.',
  );
}

function keepPassword(directory: string): string {
  const path = join(directory, 'password');
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const password = randomBytes(24).toString('base64url');
  writeFileSync(`${path}.new`, `${password}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return password;
}

/** Made under another name and renamed when complete, so that an interrupted first start leaves nothing half made behind. */
async function initialise(cluster: Cluster): Promise<void> {
  const fresh = `${cluster.dataDirectory}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  own(fresh, cluster.account);
  await runInitdb(cluster, fresh);
  await createDatabase(cluster, fresh);
  renameSync(fresh, cluster.dataDirectory);
}

/** The builtin locale provider gives C.UTF-8 on every system and does not change with the system's C library. */
async function runInitdb(cluster: Cluster, fresh: string): Promise<void> {
  const passwordFile = `${fresh}.password`;
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  own(passwordFile, cluster.account);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = ['--auth=scram-sha-256', `--username=${POSTGRES_NAME}`, `--pwfile=${passwordFile}`];
  try {
    await run(cluster, 'initdb', [`--pgdata=${fresh}`, ...locale, ...login], '');
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** In single-user mode, before the cluster gets its name: a cluster that exists has its database. */
function createDatabase(cluster: Cluster, fresh: string): Promise<void> {
  return run(
    cluster,
    'postgres',
    ['--single', '-D', fresh, '-c', 'exit_on_error=on', 'postgres'],
    `create database ${POSTGRES_NAME}\n`,
  );
}

async function run(cluster: Cluster, program: string, options: readonly string[], input: string): Promise<void> {
  const environment = childEnvironment({ LC_ALL: 'C' });
  const ran = await runCommand(join(cluster.binaries, program), options, {
    input,
    environment,
    account: cluster.account,
    timeoutMs: INITDB_TIMEOUT_MS,
  });
  if (ran.ok) return;
  const log = `${cluster.dataDirectory}.initdb.log`;
  writeFileSync(log, ran.output, { mode: 0o600 });
  throw new NeedsAttention(
    'postgres_init',
    `the database could not be made in ${cluster.dataDirectory}: ${program} ended with ${ran.how}, and what it said is in ${log}. Set TRIBUTARY_HOME to a directory on a local disk of your own, or DATABASE_URL and TEMPORAL_ADDRESS to servers of your own.`,
  );
}

function own(path: string, account: Account | null): void {
  if (account !== null) chownSync(path, account.uid, account.gid);
}
