// The queues there are, in the order in which a run asks them: letters before events, since a person waits for them.
import { encodeDeferred, encodeRedriven, redrivenBatch, resumedBatch } from '../domain/queue-page.js';
import type { Queue } from '../domain/queue.js';
import { limits } from '../limits.js';
import { deleteDeferred, findDueEvents, isEventDue } from './deferred.js';
import { findDueLetters, isLetterDue } from './due-letters.js';
import type { Queryable } from './pool.js';

/** Dead letters that somebody redrove: rows of `deferred` without an attempt. */
export const letterQueue: Queue<Queryable> = {
  name: 'letters',
  isDue: isLetterDue,
  async take(db, bounds) {
    // Nobody knows how many events come of records that are mapped anew; a source bounds the events of one chunk, so no
    // more bytes than a chunk has.
    const bytesMax = Math.min(bounds.bytesMax, limits.chunkBytesMax);
    const due = await findDueLetters(db, { ...bounds, bytesMax, stages: ['validate', 'persist', ...bounds.stages] });
    if (due === undefined) return undefined;
    const records = due.kind === 'records' ? due.records.map(encodeRedriven) : due.events.map(encodeDeferred);
    return { stage: due.stage, records, keys: null };
  },
  begin: (page, records) =>
    page.queued?.stage === 'validate' ? redrivenBatch(page, records) : resumedBatch(page, records),
  remove: deleteDeferred,
};

/** Events that a stage deferred. */
export const deferredQueue: Queue<Queryable> = {
  name: 'deferred',
  isDue: isEventDue,
  async take(db, bounds) {
    const due = await findDueEvents(db, bounds);
    return due === undefined ? undefined : { stage: due.stage, records: due.records.map(encodeDeferred), keys: null };
  },
  begin: resumedBatch,
  remove: deleteDeferred,
};

export const queues: readonly Queue<Queryable>[] = [letterQueue, deferredQueue];
