// Once for all test files: one Postgres with a migrated template database, one Temporal, and a build for the tests that
// start processes of their own. Servers named by DATABASE_URL and TEMPORAL_ADDRESS are used instead, where they are set.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { keepLoopbackDirect, loadConfig } from '../../src/config.js';
import { freePort } from '../../src/local/free-port.js';
import { startPostgres } from '../../src/local/postgres-server.js';
import { findTemporalCli } from '../../src/local/temporal-cli.js';
import { startTemporal } from '../../src/local/temporal-server.js';
import { packageRoot } from '../../src/package-root.js';
import { migrate } from '../../src/store/migrate.js';
import { createPool } from '../../src/store/pool.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A user here may create databases. */
    databaseUrl: string;
    /** Migrated and empty; cloned by each test file. */
    templateDatabase: string;
    temporalAddress: string;
    /** The `temporal` program. */
    temporalCli: string;
  }
}

type End = () => Promise<void>;

export default async function setup(project: TestProject): Promise<End> {
  keepLoopbackDirect();
  buildIfStale();
  // The shared Postgres below does not wait for the disk; worker processes of tests must not refuse it.
  process.env['TRIBUTARY_ALLOW_VOLATILE'] = '1';
  const directory = mkdtempSync(join(tmpdir(), 'tributary-tests-'));
  // The account that runs Postgres must be able to pass through.
  chmodSync(directory, 0o711);
  const ends: End[] = [async () => rmSync(directory, { recursive: true, force: true })];
  const end: End = async () => {
    for (const one of ends.toReversed()) await one();
  };
  try {
    const databaseUrl = await postgresUrl(directory, ends);
    const temporalCli = await findTemporalCli(loadConfig(), () => undefined);
    project.provide('databaseUrl', databaseUrl);
    project.provide('templateDatabase', await migratedTemplate(databaseUrl, ends));
    project.provide('temporalCli', temporalCli);
    project.provide('temporalAddress', await temporalAddress(temporalCli, directory, ends));
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}

async function postgresUrl(directory: string, ends: End[]): Promise<string> {
  const given = loadConfig().databaseUrl;
  if (given !== undefined) return given;
  const server = await startPostgres({
    directory: join(directory, 'postgres'),
    port: await freePort(0),
    logFile: join(directory, 'postgres.log'),
    // No test that shares this server cuts its power; those that kill a server start their own.
    settings: {
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      shared_buffers: '128MB',
      max_connections: '200',
    },
  });
  ends.push(async () => {
    await server.stop();
    rmSync(server.dataDirectory, { recursive: true, force: true });
  });
  return server.url;
}

async function temporalAddress(cli: string, directory: string, ends: End[]): Promise<string> {
  const given = loadConfig().temporalAddress;
  if (given !== undefined) return given;
  const server = await startTemporal({
    cli,
    port: await freePort(0),
    uiPort: await freePort(0),
    logFile: join(directory, 'temporal.log'),
    headless: true,
  });
  ends.push(() => server.stop());
  return server.address;
}

async function migratedTemplate(databaseUrl: string, ends: End[]): Promise<string> {
  const name = `tributary_template_${process.pid}`;
  const admin = createPool(databaseUrl, { name: 'test setup', connectionsMax: 1, statementTimeoutMs: 60_000 });
  ends.push(async () => {
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.end();
  });
  await admin.query(`create database ${name}`);
  const pool = createPool(urlOf(databaseUrl, name), { name: 'test setup', connectionsMax: 1 });
  try {
    await migrate(pool);
  } finally {
    // A template with a connection cannot be cloned.
    await pool.end();
  }
  return name;
}

function urlOf(databaseUrl: string, database: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** Workers of tests run the built bundle, and killed ones the built program: a stale build would test yesterday's code. */
function buildIfStale(): void {
  const built = join(packageRoot, 'dist', 'workflow-bundle.js');
  const sources = ['src', 'bench', 'packaging', 'test/support'].flatMap((directory) =>
    readdirSync(join(packageRoot, directory), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(packageRoot, directory, name),
    ),
  );
  const newest = Math.max(...sources.map((path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0));
  if (existsSync(built) && statSync(built).mtimeMs > newest) return;
  // A type error elsewhere is `npm run check`'s to tell; the files are written all the same.
  spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: packageRoot, stdio: 'ignore' });
  execFileSync(process.execPath, [join(packageRoot, 'dist', 'src', 'workers', 'build-bundle.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}
