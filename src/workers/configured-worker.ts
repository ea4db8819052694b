// A worker as its configuration has it: the tables made, its extensions loaded, its row in `workers`. The program `tributary
// worker`, the embedded stack and a program of somebody else start theirs here.
import type { Config } from '../config.js';
import type { EventType } from '../domain/catalogue.js';
import { InvalidInput } from '../domain/errors.js';
import type { EventStage } from '../domain/event-stage.js';
import type { Processor } from '../domain/processor.js';
import type { Source } from '../domain/source.js';
import { thrownText } from '../domain/thrown.js';
import { installed } from '../extensions/installed.js';
import { resolveSecret } from '../secrets.js';
import type { EmbedOptions } from '../stages/embedding/embedding-maker.js';
import { assertDurable, assertRecent } from '../store/durability.js';
import { makeEventIndexes } from '../store/event-indexes.js';
import { makeEventViews } from '../store/event-views.js';
import { migrate } from '../store/migrate.js';
import { createPool, type Pool } from '../store/pool.js';
import { workerRole } from '../store/worker-role.js';
import { migratedSources } from '../sources/index.js';
import { startExtensions } from './extensions/index.js';
import { keepHouse } from './housekeeping.js';
import { announce } from './presence.js';
import { configuredConnection } from './temporal-connection.js';
import { startWorker } from './worker.js';

/** What the program that starts the worker brings itself, beside the modules of its configuration. It runs in this process. */
export interface OwnParts {
  readonly sources?: readonly Source[] | undefined;
  readonly stages?: readonly EventStage[] | undefined;
  readonly processors?: readonly Processor[] | undefined;
}

export interface ConfiguredWorker {
  /** Resolves when it has ended and all that it held is closed; rejects when it failed. */
  readonly finished: Promise<void>;
  /** Activities at work end first. */
  shutdown(): void;
}

type End = () => unknown;

/** Polls when it resolves. `note`: lines for whoever runs it. */
export async function startConfiguredWorker(
  config: Config,
  own: OwnParts,
  note: (line: string) => void,
): Promise<ConfiguredWorker> {
  const ends: End[] = [];
  const end = async (): Promise<void> => {
    for (const one of ends.toReversed()) await one();
  };
  try {
    const worker = await start(config, own, note, ends);
    return { finished: ending(worker.finished, end), shutdown: () => worker.shutdown() };
  } catch (error) {
    await end();
    throw error;
  }
}

async function ending(finished: Promise<void>, end: () => Promise<void>): Promise<void> {
  try {
    await finished;
  } finally {
    await end();
  }
}

async function start(config: Config, own: OwnParts, note: (line: string) => void, ends: End[]) {
  if (config.databaseUrl === undefined) throw new InvalidInput('DATABASE_URL', 'is not set; a worker needs a database');
  const { connection, namespace } = await configuredConnection(config);
  // In a process of their own first: a module that ends its process while it is loaded must not end this one.
  const extensions =
    config.extensions.length === 0 ? undefined : await startExtensions(config.extensions, note, config.extensionsEnv);
  ends.push(() => extensions?.end());
  const { sources } = await installed({ extensions: extensions?.sourceModules ?? [] }, own.sources);
  const events = eventsOf(sources);
  await migrateAs(config.databaseUrl, events, note);
  const pool = createPool(config.databaseUrl, { name: 'worker', ...(await workerRole(config.databaseUrl)) });
  ends.push(() => pool.end());
  if (!config.allowVolatile) await assertDurable(pool);
  ends.push(startIndexing(config.databaseUrl, events, note));
  ends.push(keepHouse(pool, config.rawRetentionDays, config.home));
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
    stages: own.stages ?? [],
    processors: own.processors ?? [],
    extensions,
    enrichOff: config.enrichOff,
    embed: embedOptions(config),
  });
  ends.push(await announce(pool, config, worker.names));
  return worker;
}

async function migrateAs(
  databaseUrl: string,
  events: readonly EventType[],
  note: (line: string) => void,
): Promise<void> {
  const owner: Pool = createPool(databaseUrl, { name: 'migrate', connectionsMax: 1 });
  try {
    await assertRecent(owner);
    await migrate(owner);
    for (const problem of await makeEventViews(owner, events)) note(problem);
  } finally {
    await owner.end();
  }
}

/** A large store takes minutes: the work does not wait for it. Returns what ends it; never throws. */
function startIndexing(
  databaseUrl: string,
  events: readonly EventType[],
  note: (line: string) => void,
): () => Promise<void> {
  const leaving = new AbortController();
  const owner = createPool(databaseUrl, { name: 'index', connectionsMax: 2 });
  const indexed = makeEventIndexes(owner, events, leaving.signal)
    .catch((error: unknown) => [thrownText(error)])
    .then((problems) => problems.forEach(note))
    .then(() => owner.end());
  return () => {
    leaving.abort();
    return indexed;
  };
}

/** Once each: sources of one family share their types. */
function eventsOf(sources: readonly Source[]): EventType[] {
  return [
    ...new Set(sources.filter((source) => !migratedSources.includes(source)).flatMap(({ events = [] }) => events)),
  ];
}

/** The key is read when the endpoint is called, by nobody else and never kept. */
function embedOptions({ embed, proxy }: Config): EmbedOptions | undefined {
  if (embed === undefined) return undefined;
  const { key, ...options } = embed;
  return { ...options, proxy, key: async () => (key === undefined ? undefined : resolveSecret(key)) };
}
