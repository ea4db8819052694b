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
import { parseSyncInput, type SyncInput } from '../domain/sync-input.js';
import type { SourceRegistry } from '../sources/index.js';
import { openRun as openInStore } from '../store/open-run.js';
import { findPause } from '../store/pauses.js';
import type { Pool } from '../store/pool.js';
import { countChain, type RunIdentity } from '../store/runs.js';
import { findSource, type SourceRow } from '../store/sources.js';
import { countAttention } from '../store/waits.js';
import { toFailure } from './failures.js';
import { runPlan } from './run-plan.js';

export interface OpenRunInput {
  readonly input: unknown;
  readonly run: RunIdentity;
  readonly reopen: boolean;
}

export type OpenedRun =
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
    };

/** Second detail of a failure of openRun: there is no plan that would tell the workflow whether the namespace knows them. */
export interface RefusalFacts {
  readonly searchAttributes?: boolean;
}

export interface OpenRunParts {
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly searchAttributes: boolean;
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

async function opened(parts: OpenRunParts, { input, run, reopen }: OpenRunInput, cancelled: AbortSignal): Promise<OpenedRun> {
  const wanted = parseSyncInput(input, parts.ownStages);
  const { row, source } = await resolve(parts, wanted);
  const workflowId = workflowIdPrefix + row.id;
  // The id is the mutex: any other id is a thin parent of the one run there may be (design §4.13).
  const { pool, searchAttributes } = parts;
  const { id, type, origin } = row;
  if (run.workflowId !== workflowId) return { kind: 'delegate', workflowId, source: id, type, origin, input, pause: await findPause(pool, id), searchAttributes };
  const { epoch, seq, digest } = await openInStore(parts.pool, { source: row, run, initialDigest: digestOf(source.initialCursor), reopen, cancelled });
  const { processingMs: _, pages, records, ...counts } = await countChain(pool, id, run.firstRunId);
  const [plan, pause] = [runPlan(wanted, parts, source.hasNews !== undefined), await findPause(pool, id)];
  const attention = (await countAttention(pool, id)) > 0;
  return { kind: 'run', source: id, type, origin, epoch, seq, digest, plan, pause, attention, counts, pages, records };
}

async function resolve({ pool, registry }: OpenRunParts, input: SyncInput): Promise<{ row: SourceRow; source: Source }> {
  if ('sourceId' in input) return known(await findSource(pool, input.sourceId), input.sourceId, registry);
  const source = registry.get(input.source.type);
  const options = parseInput(source.options, input.source.options, 'source.options') as Record<string, unknown>;
  const id = input.source.id ?? parseInput(sourceIdSchema, source.defaultId(options), 'source.id');
  const { type, mapperVersion } = source;
  return { source, row: { id, type, options, origin: source.origin(options), mapperVersion, canonicaliserVersion } };
}

function known(row: SourceRow | undefined, id: string, registry: SourceRegistry): { row: SourceRow; source: Source } {
  if (row === undefined) {
    throw new InvalidInput('sourceId', `no source ${id} is known; start it once with {"source":{"type":…,"id":…,"options":…}}`);
  }
  const source = registry.get(row.type);
  return { source, row: { ...row, mapperVersion: source.mapperVersion, canonicaliserVersion } };
}
