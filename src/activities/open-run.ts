// openRun: the first thing every run does. It checks the argument (the workflow reads no field of it before), finds or
// creates the source, takes a new epoch and answers with the committed position and the plan.
import { canonicaliserVersion } from '../domain/canonical-json.js';
import { InvalidInput } from '../domain/errors.js';
import type { Counts } from '../domain/page.js';
import { parseInput } from '../domain/parse.js';
import type { Pause } from '../domain/pause.js';
import type { RunPlan } from '../domain/plan.js';
import { digestOf } from '../domain/position.js';
import { sourceIdSchema, workflowIdPrefix } from '../domain/source-id.js';
import type { Source } from '../domain/source.js';
import { withoutUnset, revised } from '../domain/source-revision.js';
import type { StreamsStanding } from '../domain/streams.js';
import { chosenStages, parseSyncInput, revisionOf, type SyncInput } from '../domain/sync-input.js';
import type { SourceRegistry } from '../sources/index.js';
import { countChain } from '../store/figures.js';
import { openRun as openInStore } from '../store/open-run.js';
import { findPause } from '../store/pauses.js';
import type { Pool } from '../store/pool.js';
import type { RunIdentity } from '../store/runs.js';
import { findSource, type FoundSource, type SourceRow } from '../store/sources.js';
import { findStreams } from '../store/streams.js';
import { countAttention } from '../store/waits.js';
import { toFailure } from './failures.js';
import { runPlan } from './run-plan.js';
import type { Turns } from './turns.js';

export interface OpenRunInput {
  readonly input: unknown;
  readonly run: RunIdentity;
  readonly reopen: boolean;
  /** It may be told to wait for its turn. Left out by one that has waited, and by one that goes on for another. */
  readonly mayWait?: boolean;
}

export type OpenedRun =
  | {
      /** Others are before it: nothing was taken. */
      readonly kind: 'line';
      readonly source: string;
      readonly type: string;
      readonly origin: string;
      readonly searchAttributes: boolean;
    }
  | {
      readonly kind: 'delegate';
      readonly workflowId: string;
      readonly source: string;
      readonly type: string;
      readonly origin: string;
      readonly input: unknown;
      readonly pause: Pause | null;
      readonly searchAttributes: boolean;
    }
  | {
      readonly kind: 'run';
      readonly source: string;
      readonly type: string;
      /** As people know it; holds no secret, since no option that forms an origin may. */
      readonly origin: string;
      readonly epoch: number;
      readonly seq: number;
      readonly digest: string;
      readonly plan: RunPlan;
      /** In force since before this run. */
      readonly pause: Pause | null;
      /** A follower of it waits, or waited, to try again. */
      readonly attention?: boolean;
      /** What this chain of runs has done so far. */
      readonly counts: Counts;
      /** Pages and records of it. */
      readonly pages: number;
      readonly records: number;
      /** It has worked so long; undefined in histories of before it was told. */
      readonly workedMs?: number;
      /** Names of what the start changed; undefined in histories of before settings. */
      readonly changed?: readonly string[];
      /** As the runs before left them; left out where the source has none. */
      readonly streams?: StreamsStanding;
    };

/** Second detail of a failure of openRun: there is no plan that would tell the workflow whether the namespace knows them. */
export interface RefusalFacts {
  readonly searchAttributes?: boolean;
}

export interface OpenRunParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly searchAttributes: boolean;
  readonly turns: Turns;
  /** Names of the stages this worker has beside the built-in ones. */
  readonly ownStages: readonly string[];
}

export async function openRun(parts: OpenRunParts, input: OpenRunInput, cancelled: AbortSignal): Promise<OpenedRun> {
  try {
    return await opened(parts, input, cancelled);
  } catch (error) {
    const facts = { searchAttributes: parts.searchAttributes } satisfies RefusalFacts;
    throw toFailure(error, facts);
  }
}

async function opened(
  parts: OpenRunParts,
  { input, run, reopen, mayWait = false }: OpenRunInput,
  cancelled: AbortSignal,
): Promise<OpenedRun> {
  const wanted = parseSyncInput(input, parts.ownStages);
  const { row, source, revise } = await resolve(parts, wanted);
  const workflowId = workflowIdPrefix + row.id;
  // The id is the mutex: any other id is a thin parent of the one run there may be (design §4.13).
  const { pool, searchAttributes, turns } = parts;
  const { id, type, origin } = row;
  if (run.workflowId !== workflowId)
    return {
      kind: 'delegate',
      workflowId,
      source: id,
      type,
      origin,
      input,
      pause: await findPause(pool, id),
      searchAttributes,
    };
  if (mayWait && !turns.take(id)) return { kind: 'line', source: id, type, origin, searchAttributes };
  const revision = revisionOf(wanted);
  const request = {
    source: row,
    revision,
    revise,
    run,
    initialDigest: digestOf(source.initialCursor),
    reopen,
    cancelled,
  };
  const { epoch, seq, digest, configuration } = await openInStore(pool, request);
  const { workedMs, pages, records, ...counts } = await countChain(pool, id, run.firstRunId);
  const changed = Object.keys(configuration.changed);
  const [plan, pause] = [
    runPlan(configuration.settings, wanted, parts, source.hasNews !== undefined),
    await findPause(pool, id),
  ];
  const attention = (await countAttention(pool, id)) > 0;
  const streams = await findStreams(pool, id);
  return {
    kind: 'run',
    source: id,
    type,
    origin,
    epoch,
    seq,
    digest,
    plan,
    pause,
    attention,
    counts,
    pages,
    records,
    workedMs,
    changed,
    ...(streams === null ? {} : { streams }),
  };
}

interface Resolved {
  readonly source: Source;
  /** As the start leaves it, by what is known before it is locked. */
  readonly row: SourceRow;
  readonly revise: (found: FoundSource) => SourceRow;
}

async function resolve({ pool, registry, ownStages }: OpenRunParts, input: SyncInput): Promise<Resolved> {
  const { id, found, source } = await named({ pool, registry }, input);
  const revise = (before: FoundSource | undefined) => asLeft(id, source, before, input);
  const row = revise(found);
  // Before anything is stored: these may have been set where the worker's own stages are not known.
  chosenStages(row.settings, ownStages);
  return { source, row, revise };
}

async function named({ pool, registry }: Pick<OpenRunParts, 'pool' | 'registry'>, input: SyncInput) {
  if ('sourceId' in input) {
    const { sourceId: id } = input;
    const found = await findSource(pool, id);
    if (found === undefined) {
      throw new InvalidInput(
        'sourceId',
        `no source ${id} is known; start it once with {"source":{"type":…,"id":…,"options":…}}`,
      );
    }
    return { id, found, source: registry.get(found.type) };
  }
  const source = registry.get(input.source.type);
  const id =
    input.source.id ??
    parseInput(sourceIdSchema, source.defaultId(parsedOptions(source, input.source.options)), 'source.id');
  return { id, found: await findSource(pool, id), source };
}

function parsedOptions(source: Source, options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = withoutUnset(options, source.options, 'source.options');
  return parseInput(source.options, given, 'source.options') as Readonly<Record<string, unknown>>;
}

/** A start that names its source whole makes one that is not there, or was removed; of any other it changes what it says. */
function asLeft(id: string, source: Source, found: FoundSource | undefined, input: SyncInput): SourceRow {
  if (found !== undefined && found.removal !== null && 'sourceId' in input) {
    throw new InvalidInput(
      'sourceId',
      `${id} was removed; start it with {"source":{"type":…,"id":…,"options":…}} to have it again`,
    );
  }
  const known = found?.removal === null && found.type === source.type ? found : { options: {}, settings: {} };
  const { options, settings } = revised(known, revisionOf(input), source.options);
  const { type, identityVersion = 1 } = source;
  return { id, type, options, settings, origin: source.origin(options), identityVersion, canonicaliserVersion };
}
