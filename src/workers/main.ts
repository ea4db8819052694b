// The worker process: migrate, then work until told to stop. Started by the embedded stack, or by hand with
// DATABASE_URL and TEMPORAL_ADDRESS set.
import { keepLoopbackDirect, loadConfig, type Config } from '../config.js';
import type { EventType } from '../domain/catalogue.js';
import { failureReport, isExpected } from '../clients/failure-report.js';
import { InvalidInput } from '../domain/errors.js';
import { thrownText } from '../domain/thrown.js';
import { resolveSecret } from '../secrets.js';
import { makeEventIndexes } from '../store/event-indexes.js';
import { makeEventViews } from '../store/event-views.js';
import { migrate } from '../store/migrate.js';
import { createPool, type Pool } from '../store/pool.js';
import { assertDurable, assertRecent } from '../store/durability.js';
import type { EmbedOptions } from '../stages/embedding/embedding-maker.js';
import { workerRole } from '../store/worker-role.js';
import { installed } from '../extensions/installed.js';
import { startExtensions } from './extensions/index.js';
import { keepHouse } from './housekeeping.js';
import { announce } from './presence.js';
import { configuredConnection } from './temporal-connection.js';
import { startWorker } from './worker.js';

keepLoopbackDirect();

// A promise that nobody waits for is a mistake of ours, and no reason to end the work of every source: pages are whole or not there.
process.on(
  'unhandledRejection',
  (error) =>
    void process.stderr.write(
      `error: a rejection nobody waited for: ${error instanceof Error ? error.stack : thrownText(error)}\n`,
    ),
);

try {
  await main(loadConfig());
} catch (error) {
  const { line, exitCode } = failureReport(error);
  // A trace says nothing about a wrong setting or a server that is away. Of a fault of ours it is all there is.
  process.stderr.write(`${isExpected(error) || !(error instanceof Error) ? line : (error.stack ?? line)}\n`);
  process.exit(exitCode);
}

async function main(config: Config): Promise<void> {
  if (config.databaseUrl === undefined) throw new InvalidInput('DATABASE_URL', 'is not set; a worker needs a database');
  const { connection, namespace } = await configuredConnection(config);
  // In a process of their own first: a module that ends its process while it is loaded must not end this one.
  const extensions =
    config.extensions.length === 0
      ? undefined
      : await startExtensions(
          config.extensions,
          (line) => void process.stderr.write(`${line}\n`),
          config.extensionsEnv,
        );
  const { sources, modules } = await installed({ extensions: extensions?.sourceModules ?? [] });
  const own = modules.flatMap((module) => module.sources.flatMap(({ events = [] }) => events));
  await migrateAs(config.databaseUrl, own);
  const pool = createPool(config.databaseUrl, { name: 'worker', ...(await workerRole(config.databaseUrl)) });
  if (!config.allowVolatile) await assertDurable(pool);
  const leaving = new AbortController();
  const indexed = indexAs(config.databaseUrl, own, leaving.signal);
  const endHousekeeping = keepHouse(pool, config.rawRetentionDays, config.home);
  const worker = await startWorker({
    pool,
    temporalAddress: connection.address,
    connection,
    namespace,
    taskQueue: config.taskQueue,
    home: config.home,
    secretsDirectory: config.secretsDirectory,
    recentHashesMax: config.recentHashesMax,
    sources,
    extensions,
    enrichOff: config.enrichOff,
    embed: embedOptions(config),
  });
  const leave = await announce(pool, config, worker.names);
  // Whoever started us is told once we poll; when it dies, so do we: two workers of one stack would fight over files.
  process.send?.({ type: 'ready' });
  process.once('disconnect', () => worker.shutdown());
  await worker.finished;
  process.removeAllListeners('disconnect');
  endHousekeeping();
  leaving.abort();
  await indexed;
  await leave();
  extensions?.end();
  await pool.end();
  // The open channel would keep the process alive for ever.
  if (process.connected) process.disconnect();
}

async function migrateAs(databaseUrl: string, own: readonly EventType[]): Promise<void> {
  const owner: Pool = createPool(databaseUrl, { name: 'migrate', connectionsMax: 1 });
  try {
    await assertRecent(owner);
    await migrate(owner);
    for (const problem of await makeEventViews(owner, own)) process.stderr.write(`${problem}\n`);
  } finally {
    await owner.end();
  }
}

/** A large store takes minutes: the work does not wait for it. Never throws. */
async function indexAs(databaseUrl: string, own: readonly EventType[], signal: AbortSignal): Promise<void> {
  const owner = createPool(databaseUrl, { name: 'index', connectionsMax: 2 });
  const problems = await makeEventIndexes(owner, own, signal).catch((error: unknown) => [thrownText(error)]);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  await owner.end();
}

/** The key is read when the endpoint is called, by nobody else and never kept. */
function embedOptions({ embed, proxy }: Config): EmbedOptions | undefined {
  if (embed === undefined) return undefined;
  const { key, ...options } = embed;
  return { ...options, proxy, key: async () => (key === undefined ? undefined : resolveSecret(key)) };
}
