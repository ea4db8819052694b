// PostgreSQL refuses to run as root, so root runs it as an account without rights.
import { execFileSync, spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { NeedsAttention } from '../domain/errors.js';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const OWN_ACCOUNT = 'tributary';
/** Debian and Red Hat have useradd; BusyBox and some minimal images only adduser, with other options. */
const CREATE_COMMANDS: readonly (readonly string[])[] = [
  [
    'useradd',
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    OWN_ACCOUNT,
  ],
  ['adduser', '-S', '-D', '-H', '-h', '/nonexistent', OWN_ACCOUNT],
];

/** The account PostgreSQL runs as; null when we are an ordinary user and run it as ourselves. Data that exists keeps its owner. */
export function postgresAccount(existingData: string | null): Account | null {
  if (process.getuid?.() !== 0) return null;
  return (existingData === null ? null : ownerOf(existingData)) ?? named('postgres') ?? named(OWN_ACCOUNT) ?? create();
}

/** Whether the account may do what `test` checks (-x, -w, …) with this path, asked as the account: parents may be closed to it. */
export function may(account: Account, check: '-x' | '-w' | '-r', path: string): boolean {
  const asked = spawnSync('/bin/sh', ['-c', `test ${check} "$1"`, 'sh', path], {
    ...account,
    cwd: '/',
    timeout: 5_000,
  });
  return asked.status === 0;
}

function ownerOf(path: string): Account | null {
  const { uid, gid } = statSync(path);
  return uid === 0 ? null : { uid, gid };
}

function named(name: string): Account | null {
  try {
    const id = (flag: string): number =>
      Number(
        execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 5_000 }),
      );
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

function create(): Account {
  const refusals = CREATE_COMMANDS.map(([command, ...options]) => {
    const made = spawnSync(command as string, options, { encoding: 'utf8', timeout: 30_000 });
    return made.status === 0 ? '' : `${command}: ${made.error?.message ?? made.stderr.trim()}`;
  });
  const account = named(OWN_ACCOUNT);
  if (account !== null) return account;
  throw new NeedsAttention(
    'postgres_account',
    `PostgreSQL does not run as root and no account for it could be made (${refusals.join('; ')}). ` +
      'Run tributary as an ordinary user, create a user named tributary, or set DATABASE_URL and TEMPORAL_ADDRESS to servers of your own.',
  );
}
