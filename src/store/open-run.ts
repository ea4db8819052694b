// Takes a source for a run: the transaction every run begins with. It gives out epochs, so it is where two runs of one
// source meet, and the only place that decides who goes on.
import { Fenced, InvalidInput, NeedsAttention } from '../domain/errors.js';
import { changesOf, type Revision } from '../domain/source-revision.js';
import { lockCursor, takeCursor, type CursorRow } from './cursors.js';
import { releaseDeadPages } from './pages.js';
import type { Pool, Session } from './pool.js';
import {
  abandonOlderRuns,
  findChanged,
  findRun,
  insertRun,
  type RunConfiguration,
  type RunIdentity,
  type RunRow,
} from './runs.js';
import { configureSource, createSource, findSource, type FoundSource, type SourceRow } from './sources.js';
import { releaseStageOutputs } from './stage-outputs.js';
import { inTransaction } from './transaction.js';

export interface OpenRunRequest {
  /** As it is created, where it is not known; its type, origin and versions must be those of a known one. */
  readonly source: SourceRow;
  /** What the start changes of a known source, once for a chain of runs; nothing without it. */
  readonly revision?: Revision;
  /** The source as that leaves it. */
  readonly revise?: (found: FoundSource) => SourceRow;
  readonly run: RunIdentity;
  readonly initialDigest: string;
  /** True when this run held the source before and was fenced off. */
  readonly reopen: boolean;
  /** An attempt that nobody waits for any more, after an outage, must not take the source from the run after its own. */
  readonly cancelled?: AbortSignal;
}

export interface OpenedRun {
  readonly epoch: number;
  /** Last committed page of this epoch; above 0 when an activity is retried after pages went in. */
  readonly seq: number;
  /** Committed cursor; null at the start. */
  readonly cursor: unknown;
  readonly digest: string;
  readonly configuration: RunConfiguration;
}

/**
 * Idempotent per run id: a retry gets the epoch of the first try. Throws Fenced when a fenced run finds the source held
 * by another chain of runs; InvalidInput when the id belongs to another origin, or the source is being removed.
 */
export async function openRun(pool: Pool, request: OpenRunRequest): Promise<OpenedRun> {
  return inTransaction(pool, async (session) => {
    await createSource(session, request.source, request.initialDigest);
    const held = (await lockCursor(session, request.source.id))!;
    const retried = held.runId === request.run.runId ? await findRun(session, held.source, held.epoch) : undefined;
    const configuration = configurationOf(retried) ?? (await configure(session, request));
    if (retried !== undefined) return openedAt(held, held.epoch, configuration);
    if (request.reopen) await assertOwnChain(session, held, request.run);
    const opened = await take(session, held, request, configuration);
    request.cancelled?.throwIfAborted();
    return opened;
  });
}

/** A start says once what it changes: continued, retried or opened again, its chain goes on with what is set by then. */
async function configure(
  session: Session,
  { source, run, revision, revise }: OpenRunRequest,
): Promise<RunConfiguration> {
  const found = await findSource(session, source.id);
  if (found === undefined)
    throw new NeedsAttention('source_gone', `source ${source.id} was removed while it was opened`);
  const before = await findChanged(session, source.id, run.firstRunId);
  const begins = before === undefined && revision !== undefined && revise !== undefined;
  assertThere(found, begins);
  const wanted = begins ? revise(found) : { ...source, ...configured(found) };
  assertSameSource(found, wanted);
  if (!begins) return { ...configured(found), changed: before ?? {} };
  await configureSource(session, source.id, wanted);
  return { ...configured(wanted), changed: changesOf(found, wanted, revision) };
}

function configurationOf(run: RunRow | undefined): RunConfiguration | undefined {
  if (run === undefined) return undefined;
  const { options, settings, changed } = run;
  return options === null || settings === null || changed === null ? undefined : { options, settings, changed };
}

function configured({ options, settings }: SourceRow) {
  return { options, settings };
}

async function take(
  session: Session,
  held: CursorRow,
  { source, run }: OpenRunRequest,
  configuration: RunConfiguration,
): Promise<OpenedRun> {
  const epoch = await takeCursor(session, source.id, run.runId);
  await insertRun(session, source.id, epoch, run, configuration);
  await abandonOlderRuns(session, source.id, epoch);
  await releaseDeadPages(session, source.id, epoch);
  await releaseStageOutputs(session, source.id, epoch);
  return openedAt({ ...held, seq: 0 }, epoch, configuration);
}

function openedAt({ seq, cursor, digest }: CursorRow, epoch: number, configuration: RunConfiguration): OpenedRun {
  return { epoch, seq, cursor, digest, configuration };
}

async function assertOwnChain(session: Session, held: CursorRow, run: RunIdentity): Promise<void> {
  const holder = await findRun(session, held.source, held.epoch);
  if (holder?.firstRunId === run.firstRunId) return;
  throw new Fenced(`${held.source} is held by workflow ${holder?.workflowId} run ${held.runId} (epoch ${held.epoch})`);
}

/** A source that was removed with its events kept is there again when a new start names it whole. */
function assertThere({ id, removal, removedAt }: FoundSource, begins: boolean): void {
  if (removal === null || (removedAt !== null && begins)) return;
  const state =
    removedAt === null
      ? `is being removed; \`tributary sources remove ${id} --${removal}-events\` finishes it`
      : 'was removed';
  throw new InvalidInput('source.id', `${id} ${state}`);
}

function assertSameSource(found: SourceRow, wanted: SourceRow): void {
  if (found.type !== wanted.type || found.origin !== wanted.origin) {
    throw new InvalidInput(
      'source.id',
      `${wanted.id} is already a ${found.type} source of ${found.origin}; the origin of a source is fixed when it is ` +
        `created, expected another id for the ${wanted.type} source of ${wanted.origin}`,
    );
  }
  if (found.identityVersion !== wanted.identityVersion || found.canonicaliserVersion !== wanted.canonicaliserVersion) {
    throw new NeedsAttention(
      'identity_changed',
      `${wanted.id} was read with identities ${found.identityVersion} and canonicaliser ${found.canonicaliserVersion}, ` +
        `this ${wanted.type} source has ${wanted.identityVersion} and ${wanted.canonicaliserVersion}: its events would not ` +
        'be recognised and come twice; read it with the version it was begun with, or under a new id',
    );
  }
}
