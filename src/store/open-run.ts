// Takes a source for a run: the transaction every run begins with. It gives out epochs, so it is where two runs of one
// source meet, and the only place that decides who goes on.
import { Fenced, InvalidInput, NeedsAttention } from '../domain/errors.js';
import { lockCursor, takeCursor, type CursorRow } from './cursors.js';
import { releaseDeadPages } from './pages.js';
import type { Pool, Session } from './pool.js';
import { abandonOlderRuns, findRun, insertRun, type RunIdentity } from './runs.js';
import { createSource, findSource, updateSourceOptions, type SourceRow } from './sources.js';
import { releaseStageOutputs } from './stage-outputs.js';
import { inTransaction } from './transaction.js';

export interface OpenRunRequest {
  readonly source: SourceRow;
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
}

/**
 * Idempotent per run id: a retry gets the epoch of the first try. Throws Fenced when a fenced run finds the source held
 * by another chain of runs; InvalidInput when the id belongs to another origin.
 */
export async function openRun(pool: Pool, request: OpenRunRequest): Promise<OpenedRun> {
  return inTransaction(pool, async (session) => {
    await createSource(session, request.source, request.initialDigest);
    const held = (await lockCursor(session, request.source.id))!;
    assertSameSource(await findSource(session, request.source.id), request.source);
    await updateSourceOptions(session, request.source.id, request.source.options);
    if (held.runId === request.run.runId) return openedAt(held, held.epoch);
    if (request.reopen) await assertOwnChain(session, held, request.run);
    const opened = await take(session, held, request);
    request.cancelled?.throwIfAborted();
    return opened;
  });
}

async function take(session: Session, held: CursorRow, { source, run }: OpenRunRequest): Promise<OpenedRun> {
  const epoch = await takeCursor(session, source.id, run.runId);
  await insertRun(session, source.id, epoch, run);
  await abandonOlderRuns(session, source.id, epoch);
  await releaseDeadPages(session, source.id, epoch);
  await releaseStageOutputs(session, source.id, epoch);
  return openedAt({ ...held, seq: 0 }, epoch);
}

function openedAt({ seq, cursor, digest }: CursorRow, epoch: number): OpenedRun {
  return { epoch, seq, cursor, digest };
}

async function assertOwnChain(session: Session, held: CursorRow, run: RunIdentity): Promise<void> {
  const holder = await findRun(session, held.source, held.epoch);
  if (holder?.firstRunId === run.firstRunId) return;
  throw new Fenced(`${held.source} is held by workflow ${holder?.workflowId} run ${held.runId} (epoch ${held.epoch})`);
}

function assertSameSource(found: SourceRow | undefined, wanted: SourceRow): void {
  if (found === undefined) throw new NeedsAttention('source_gone', `source ${wanted.id} was deleted while it was opened`);
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
