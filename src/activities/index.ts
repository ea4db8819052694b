// The activities: thin Temporal shells around sources, stages and store. `createActivities` gives the record a worker
// registers; workflows import its type only.
import { Context } from '@temporalio/activity';
import type { StageMeasure } from '../domain/measure.js';
import type { Counts, PageKey } from '../domain/page.js';
import { InvalidInput, Transient } from '../domain/errors.js';
import type { Queue } from '../domain/queue.js';
import type { SourceContext } from '../domain/source.js';
import type { FinalStage, Stage } from '../domain/stage.js';
import type { StreamsStanding } from '../domain/streams.js';
import { stageNames } from '../domain/sync-input.js';
import type { SourceRegistry } from '../sources/index.js';
import { findLedgerCounts } from '../store/ledger.js';
import type { Pool, Queryable } from '../store/pool.js';
import { findStreams } from '../store/streams.js';
import { awaitNews, type AwaitNewsRequest } from './await-news.js';
import { closeRun, type CloseRunInput } from './close-run.js';
import { fetchPage, isAnyDue, type FetchRequest } from './fetch-page.js';
import { fetchQueued, type FetchQueuedRequest } from './fetch-queued.js';
import { keepPause, type KeepPauseInput } from './keep-pause.js';
import { keepWait, type KeepWaitInput } from './keep-wait.js';
import { createNewsWatch } from './news-watch.js';
import { openRun, type OpenRunInput } from './open-run.js';
import { createPageMemory } from './page-memory.js';
import { prepareSource, type PrepareRequest } from './prepare-source.js';
import { createReaders } from './readers.js';
import type { Room } from './room.js';
import { createRunContexts } from './run-context.js';
import { shell } from './shell.js';
import { createSourceContext } from './source-context.js';
import type { Turns } from './turns.js';

export interface ActivityParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  /** In pipeline order: the built-in ones, then the worker's own; persist comes after them. */
  readonly stages: readonly Stage[];
  readonly persist: FinalStage;
  /** In the order in which a run asks them. */
  readonly queues: readonly Queue<Queryable>[];
  /** Directory under which sources keep what they may need again (mirrors). */
  readonly home: string;
  readonly secret: SourceContext<unknown>['secret'];
  readonly searchAttributes: boolean;
  /** Memory for pages, over all sources. */
  readonly room: Room;
  /** Turns at being read (turns.ts). */
  readonly turns: Turns;
}

export interface StageRequest {
  readonly page: PageKey;
  /** The stages up to and including this one, in order: what to run again when memory has lost the page. */
  readonly stages: readonly string[];
}

export interface PersistStageRequest extends StageRequest {
  /** The run has worked so long; undefined in histories of before it was told. */
  readonly workedMs?: number;
}

/** What the Temporal UI shows of the stage; the workflow follows the first. */
export interface StageReport {
  /** Events that go on to the next stage. */
  readonly remaining: number;
  /** As in the ledger. */
  readonly measure?: StageMeasure | undefined;
}

/** What the page came to, and how the streams of its source stand since. */
export interface CommittedPage extends Counts {
  /** Left out where the source has none. */
  readonly streams?: StreamsStanding;
}

export interface AwaitTurnRequest {
  readonly source: string;
}

/** What the Temporal UI and `status` show of a source that waits for its turn. */
export interface InLine {
  /** Sources that waited already when it came. */
  readonly before: number;
}

export type StageActivity = (request: StageRequest) => Promise<StageReport>;
export type Activities = ReturnType<typeof builtInActivities>;

/** Each of the worker's own stages is an activity type of its own, beside the built-in ones. */
export function createActivities(parts: ActivityParts): Activities & Readonly<Record<string, unknown>> {
  const builtIn = builtInActivities(parts);
  for (const name of ownStages(parts)) {
    if (name in builtIn)
      throw new InvalidInput('stages', `${name} is an activity of Tributary's own, expected another name`);
  }
  return { ...Object.fromEntries(ownStages(parts).map((name) => [name, builtIn.validate])), ...builtIn };
}

/** The worker's stages that are not built in. */
export function ownStages({ stages }: Pick<ActivityParts, 'stages'>): string[] {
  const builtIn: readonly string[] = stageNames;
  return stages.map(({ name }) => name).filter((name) => !builtIn.includes(name));
}

function builtInActivities(parts: ActivityParts) {
  const { pool, room, queues, turns } = parts;
  const [memory, readers, watch] = [createPageMemory(pool, room, queues), createReaders(), createNewsWatch(pool)];
  const contextOf = createRunContexts(pool, parts.registry);
  const sourceContext = createSourceContext(pool, parts.home, parts.secret);
  const stagesNamed = createStageLookup(parts.stages);

  const stage = shell<StageRequest, StageReport>(async ({ page, stages }, cancelled) => {
    const context = { ...(await contextOf(page)), cancelled };
    return memory.after(page, stagesNamed(stages), context, currentAttempt(), ({ drafts, events, measures }) => ({
      remaining: drafts.length + events.length,
      measure: measures[stages.at(-1)!],
    }));
  });

  const persist = async (request: PersistStageRequest, cancelled: AbortSignal): Promise<Counts> => {
    const { page, stages, workedMs } = request;
    const context = { ...(await contextOf(page)), workedMs, cancelled };
    try {
      return await memory.after(page, stagesNamed(stages), context, currentAttempt(), (batch) =>
        parts.persist.run(batch, context),
      );
    } finally {
      // Committed, it is not needed; failed, the next try must see the store as it is then.
      memory.forget(page);
    }
  };

  return {
    openRun: shell((input: OpenRunInput, cancelled) =>
      openRun({ ...parts, ownStages: ownStages(parts) }, input, cancelled),
    ),
    awaitTurn: shell(async ({ source }: AwaitTurnRequest, cancelled, tell) => {
      tell({ before: turns.waiting } satisfies InLine);
      await turns.line(source, cancelled);
    }, waitingBeatMs),
    awaitNews: shell(async (request: AwaitNewsRequest, cancelled, tell) => {
      turns.end(request.source);
      return awaitNews({ pool, watch }, request, await contextOf(request), sourceContext, cancelled, tell);
    }, waitingBeatMs),
    prepareSource: shell(async (request: PrepareRequest, cancelled, tell) => {
      watch.end(request.source);
      if (request.round > 0) turns.end(request.source);
      const prepared = await prepareSource(pool, request, await contextOf(request), sourceContext, cancelled, tell);
      return prepared.nothingNew === true ? { ...prepared, due: await isAnyDue(parts, request.source) } : prepared;
    }),
    fetchPage: shell(async (request: FetchRequest, cancelled) =>
      fetchPage(
        { pool, queues, readers, memory, room },
        { ...smaller(request), lastAttempt: isLastAttempt() },
        await contextOf(request.page),
        sourceContext,
        cancelled,
      ),
    ),
    // Named after the first queue there was: histories know it by this name.
    fetchDeferred: shell(async (request: FetchQueuedRequest, cancelled) => {
      const { mapperVersion } = (await contextOf(request.page)).source;
      return fetchQueued({ pool, queues, memory, room }, { ...request, mapperVersion }, cancelled);
    }),
    validate: stage,
    hash: stage,
    deduplicate: stage,
    enrich: stage,
    persist: shell<PersistStageRequest, CommittedPage>(async (request, cancelled) => {
      // Committed by an attempt whose answer was lost, a page has no recorded answers any more: its stages must not run.
      const counts = (await findLedgerCounts(pool, request.page)) ?? (await persist(request, cancelled));
      const streams = await findStreams(pool, request.page.source);
      return streams === null ? counts : { ...counts, streams };
    }),
    keepWait: shell((input: KeepWaitInput) => keepWait(pool, input)),
    keepPause: shell((input: KeepPauseInput) => keepPause(pool, input)),
    closeRun: shell((input: CloseRunInput) => {
      watch.end(input.source);
      turns.end(input.source);
      return closeRun(pool, input);
    }),
  };
}

function currentAttempt(): number {
  return Context.current().info.attempt;
}

function isLastAttempt(): boolean {
  const { attempt, retryPolicy } = Context.current().info;
  return attempt >= (retryPolicy?.maximumAttempts ?? Infinity);
}

/** What ended the worker, or a connection, before its page was full is asked for in smaller pages. */
function smaller(request: FetchRequest): FetchRequest {
  const parts = 2 ** Math.min(currentAttempt() - 1, halvingsMax);
  const { events, bytes } = request.batch;
  return {
    ...request,
    batch: { ...request.batch, events: Math.ceil(events / parts), bytes: Math.ceil(bytes / parts) },
  };
}

/** A beat in the worker costs 20 µs and most go no further: the SDK sends one in 24 s. */
const waitingBeatMs = 5_000;

/** A page of a sixteenth is about a chunk; smaller ones only cost more. */
const halvingsMax = 4;

/** The stages of these names, but persist, which gives no batch. */
function createStageLookup(stages: readonly Stage[]): (names: readonly string[]) => Stage[] {
  const known = new Map(stages.map((stage) => [stage.name, stage]));
  return (names) =>
    names
      .filter((name) => name !== 'persist')
      .map((name) => {
        const found = known.get(name);
        // Another worker of the task queue has it: it made the plan.
        if (found === undefined)
          throw new Transient(
            'stage_unknown',
            `this worker has no stage ${name}; start all workers of a task queue with the same stages`,
          );
        return found;
      });
}
