// A worker put together from its parts: the composition root. Tests and the bench make theirs here too.
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createActivities, type Activities } from '../activities/index.js';
import { createRoom, type Room } from '../activities/room.js';
import { createTurns, type Turns } from '../activities/turns.js';
import { checkEventStages, type EventStage } from '../domain/event-stage.js';
import { embedFieldsOf } from '../domain/catalogue.js';
import type { Processor } from '../domain/processor.js';
import type { Queue } from '../domain/queue.js';
import type { Source } from '../domain/source.js';
import type { Stage } from '../domain/stage.js';
import { newsQueueOf } from '../domain/task-queue.js';
import { limits } from '../limits.js';
import { connectTemporalAt } from '../local/temporal-connection.js';
import { sourceSecrets } from '../secrets.js';
import { createRegistry, type SourceRegistry } from '../sources/index.js';
import { createDeduplicate } from '../stages/deduplicate.js';
import { createEmbed } from '../stages/embed.js';
import type { EmbedOptions } from '../stages/embedding/embedding-maker.js';
import { createEnrich } from '../stages/enrich.js';
import { createAskedStage, createEventStage } from '../stages/own/event-stage.js';
import { hash } from '../stages/hash.js';
import { createPersist } from '../stages/persist.js';
import { builtInProcessors } from '../stages/processors/index.js';
import { createRecentKeys } from '../stages/recent-keys.js';
import { createValidate } from '../stages/validate.js';
import type { Pool, Queryable } from '../store/pool.js';
import { queues as builtInQueues } from '../store/queues.js';
import type { AtPoint } from '../store/writing.js';
import { cachedWorkflowsMax, roomBytes } from '../worker-memory.js';
import type { Extensions } from './extensions/index.js';
import { keepRuns } from './housekeeping.js';
import { ensureSearchAttributes } from './search-attributes.js';
import { connectCore, type Connecting } from './temporal-connection.js';
import { workflowBundle } from './workflow-bundle.js';

export interface WorkerParts {
  readonly pool: Pool;
  readonly temporalAddress: string;
  /** TLS, API key and the like, where the address is not all. */
  readonly connection?: Connecting;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly home: string;
  /** Where `file:` references of sources are; a folder of the home without it. */
  readonly secretsDirectory?: string;
  readonly recentHashesMax: number;
  /** For pages; as much as this process's heap has, where it is left out. */
  readonly room?: Room;
  /** Turns at being read, of all sources. */
  readonly turns?: Turns;
  /** Instead of the built-in ones. */
  readonly sources?: readonly Source[];
  /** Between enrich and persist, in this order. All workers of a task queue must have the same. */
  readonly stages?: readonly EventStage[];
  /** After the built-in ones. All workers of a task queue should have the same. */
  readonly processors?: readonly Processor[];
  /** Those of a module, in processes of their own; after `stages` and `processors`. */
  readonly extensions?: Extensions | undefined;
  /** Names of processors that do not run. */
  readonly enrichOff?: readonly string[];
  /** Off without it. */
  readonly embed?: EmbedOptions | undefined;
  /** For tests: after the built-in ones. */
  readonly queues?: readonly Queue<Queryable>[];
  /** For tests: the activities wrapped, so that they fail before or after their effect. */
  readonly activities?: (real: Activities) => Activities;
  /** For tests: called at the points of the persist transaction. */
  readonly atPersist?: AtPoint;
}

/**
 * Activities at once. Most of them wait: a fetch for room, all for Postgres or their turn on the CPU. Were the slots fewer
 * than the sources, fetches that wait for room would keep out the stages that make it.
 */
const activitiesMax = 500;
/** Followers and sources in line that wait at once on one worker: each takes 20 KiB. */
const waitingMax = 10_000;
/**
 * A dead worker's own queue holds its tasks this long; after as long the server gives the worker up by itself. A task
 * that a live worker has not taken by then goes behind all starts that nobody has begun: with 2 s that befell every
 * second one of 300 sources, with 5 s some of 1,000.
 */
const stickyMs = 10_000;
/**
 * Share of the polls for workflow tasks: starts are begun fast, and then wait in our line instead of Temporal's. In our
 * line a source says that it waits, and takes signals.
 */
const startsShare = 0.4;
/** SIGTERM waits this long for activities: longer than any statement may take. */
const shutdownGraceMs = 3 * limits.statementTimeoutMs;
/** What has not ended by then is given up; whoever ends the worker must give it this long. */
export const shutdownForceMs = shutdownGraceMs + limits.statementTimeoutMs;

export interface RunningWorker {
  /** Resolves after a clean shutdown; rejects when the worker fails. */
  readonly finished: Promise<void>;
  shutdown(): void;
  /** What it was put together from. */
  readonly names: WorkerNames;
}

export interface WorkerNames {
  readonly sources: readonly string[];
  /** In their order. */
  readonly ownStages: readonly string[];
  /** Those that run. */
  readonly processors: readonly string[];
}

/** Throws InvalidInput when two stages have one name, one has a bound of less than one, or processors cannot be ordered. */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  checkEventStages(parts.stages ?? []);
  const registry = createRegistry(parts.sources);
  const enrich = createEnrich(
    [...here(registry, parts.extensions), ...(parts.processors ?? []), ...standIns(parts.extensions)],
    parts.enrichOff,
    parts.extensions?.elsewhere,
  );
  const target = { address: parts.temporalAddress, ...parts.connection };
  const client = await connectTemporalAt({ options: target, namespace: parts.namespace, isSupervised: true });
  const connection = await connectCore(target, parts.namespace);
  const searchAttributes = await ensureSearchAttributes(client, parts.namespace);
  const activities = activitiesOf(parts, registry, enrich, searchAttributes);
  const shared = { connection, namespace: parts.namespace, shutdownForceTime: shutdownForceMs };
  const worker = await Worker.create({
    ...shared,
    taskQueue: parts.taskQueue,
    workflowBundle: await workflowBundle(),
    activities,
    maxConcurrentActivityTaskExecutions: activitiesMax,
    maxCachedWorkflows: cachedWorkflowsMax(),
    stickyQueueScheduleToStartTimeout: stickyMs,
    nonStickyToStickyPollRatio: startsShare,
    shutdownGraceTime: shutdownGraceMs,
  });
  const news = await Worker.create({
    ...shared,
    taskQueue: newsQueueOf(parts.taskQueue),
    activities: { awaitNews: activities.awaitNews, awaitTurn: activities.awaitTurn },
    maxConcurrentActivityTaskExecutions: waitingMax,
    // What waits has nothing to finish: another worker waits on.
    shutdownGraceTime: 0,
  });
  const workers = [worker, news];
  // A signal may have begun the shutdown already; a second one would throw.
  const shutdown = () => workers.forEach((one) => (one.getState() === 'RUNNING' ? one.shutdown() : undefined));
  const ownStages = [...(parts.stages ?? []), ...(parts.extensions?.stages ?? [])].map(({ name }) => name);
  const names = { sources: registry.types, ownStages, processors: Object.keys(enrich.tallies()) };
  const endKeeping = keepRuns(parts.pool, new Client({ connection: client, namespace: parts.namespace }).workflow);
  return { finished: finish(workers, shutdown, connection, client).finally(endKeeping), shutdown, names };
}

function here({ catalogue }: SourceRegistry, extensions: Extensions | undefined): readonly Processor[] {
  const builtIn = builtInProcessors(catalogue);
  return extensions?.runsCode === true ? builtIn.filter(({ name }) => name !== 'code') : builtIn;
}

/** Names and dependencies, to be put in order; they run elsewhere. */
function standIns(extensions: Extensions | undefined): Processor[] {
  return (extensions?.processors ?? []).map((declared) => ({
    ...declared,
    canProcess: () => false,
    enrich: () => null,
  }));
}

function activitiesOf(parts: WorkerParts, registry: SourceRegistry, enrich: Stage, searchAttributes: boolean) {
  const { pool, home, extensions } = parts;
  const own = [
    ...(parts.stages ?? []).map((stage) => createEventStage(pool, stage)),
    ...(extensions?.stages ?? []).map((stage) => createAskedStage(pool, stage, () => extensions!.asking(stage.name))),
  ];
  const fields = { ...embedFieldsOf(registry.catalogue), ...parts.embed?.fields };
  const embed = parts.embed === undefined ? [] : [createEmbed(pool, { ...parts.embed, fields })];
  const queues = [...builtInQueues, ...(parts.queues ?? [])];
  const recent = createRecentKeys(parts.recentHashesMax);
  const real = createActivities({
    pool,
    home,
    secret: sourceSecrets(parts.secretsDirectory ?? join(home, 'secrets')),
    searchAttributes,
    room: parts.room ?? createRoom(roomBytes()),
    turns: parts.turns ?? createTurns(),
    registry,
    stages: [createValidate(extensions?.mappers), hash, createDeduplicate(pool, recent), enrich, ...own, ...embed],
    queues,
    persist: createPersist(pool, recent, queues, parts.atPersist),
  });
  return parts.activities === undefined ? real : parts.activities(real);
}

async function finish(
  workers: readonly Worker[],
  shutdown: () => void,
  connection: NativeConnection,
  client: Connection,
): Promise<void> {
  try {
    // Where one ends, the other must not hold the process.
    await Promise.all(workers.map((worker) => worker.run().finally(shutdown)));
  } finally {
    await Promise.all([connection.close(), client.close()]);
  }
}
