// Things tests need, with defaults: a test states only what matters to it.
import { randomBytes } from 'node:crypto';
import { hashEvent } from '../../src/domain/content-hash.js';
import type { EventDraft, HashedEvent, JsonObject } from '../../src/domain/event.js';
import { digestOf } from '../../src/domain/position.js';
import type { RawRecord, Source } from '../../src/domain/source.js';
import { newBatch, type Batch, type PageFacts } from '../../src/domain/stage.js';
import type { StoredEvent } from '../../src/store/events.js';
import { openRun, type OpenedRun } from '../../src/store/open-run.js';
import type { PersistRequest } from '../../src/store/persist.js';
import type { Pool } from '../../src/store/pool.js';
import type { RunIdentity } from '../../src/store/runs.js';
import type { SourceRow } from '../../src/store/sources.js';

export const initialDigest = digestOf({ v: 1, next: 0 });

export function aSourceRow(part: Partial<SourceRow> = {}): SourceRow {
  const id = part.id ?? `built-${randomBytes(4).toString('hex')}`;
  return {
    id,
    type: 'synthetic',
    options: {},
    settings: {},
    origin: `origin of ${id}`,
    identityVersion: 1,
    canonicaliserVersion: 1,
    ...part,
  };
}

export function aRun(part: Partial<RunIdentity> = {}): RunIdentity {
  const runId = part.runId ?? `run-${randomBytes(4).toString('hex')}`;
  return { runId, firstRunId: runId, workflowId: 'sync/built', ...part };
}

export interface BuiltRun extends OpenedRun, RunIdentity {
  readonly source: string;
}

/** A source taken by a run: what persist needs to be allowed to write. */
export async function openedRun(
  pool: Pool,
  source: SourceRow = aSourceRow(),
  run: RunIdentity = aRun(),
  reopen = false,
): Promise<BuiltRun> {
  return { ...run, source: source.id, ...(await openRun(pool, { source, run, initialDigest, reopen })) };
}

export function aDraft(part: Partial<EventDraft> = {}): EventDraft {
  return { type: 'test.happened', identity: { kind: 'content' }, data: {}, ...part };
}

export function anEvent(
  source: string,
  ordinal: number,
  data: JsonObject = { n: ordinal },
  part: Partial<EventDraft> = {},
): HashedEvent {
  const draft = aDraft({ identity: { kind: 'immutable', key: `event-${ordinal}` }, data, ...part });
  return hashEvent(draft, ordinal, { source });
}

export function events(source: string, count: number, from = 0): StoredEvent[] {
  return Array.from({ length: count }, (_, at) => stored(anEvent(source, from + at)));
}

export function stored(event: HashedEvent): StoredEvent {
  return { event, enrichment: null };
}

/** The next page of a run; `cursor` is the position after it. */
export function aPage(run: BuiltRun, part: Partial<PersistRequest> = {}): PersistRequest {
  const cursor = part.cursor ?? { v: 1, next: run.seq + 1 };
  return {
    page: { source: run.source, epoch: run.epoch, seq: run.seq + 1 },
    runId: run.runId,
    fromDigest: run.digest,
    toDigest: digestOf(cursor),
    cursor,
    statePatch: null,
    ingestedAt: new Date('2026-11-01T00:00:00Z'),
    events: [],
    duplicate: 0,
    existing: 0,
    skippedKeys: [],
    suppressed: 0,
    removed: 0,
    deferred: [],
    dead: [],
    queued: null,
    remapped: 0,
    returned: new Map(),
    recorded: false,
    processingMs: 0,
    measures: {},
    ...part,
  };
}

/** The run after this page is committed. */
export function after(run: BuiltRun, page: PersistRequest): BuiltRun {
  return { ...run, seq: page.page.seq, digest: page.toDigest, cursor: page.cursor };
}

export function aPageFacts(part: Partial<PageFacts> = {}): PageFacts {
  return {
    source: 'built',
    epoch: 1,
    seq: 1,
    fromDigest: initialDigest,
    digest: digestOf({ v: 1, next: 1 }),
    cursor: { v: 1, next: 1 },
    statePatch: null,
    fetchedAt: new Date('2026-11-01T00:00:00Z'),
    host: 'here',
    queued: null,
    ...part,
  };
}

export function aBatch(records: readonly RawRecord[] = [], part: Partial<Batch> = {}): Batch {
  return { ...newBatch(aPageFacts(), records), ...part };
}

/** A source whose records are JSON and whose mapper is given; it reads nothing. */
export function aSource(toEvents: Source['toEvents'], part: Partial<Source> = {}): Source {
  return {
    type: 'built',
    summary: 'for tests',
    options: { safeParse: (data: unknown) => ({ success: true, data }), parse: (data: unknown) => data } as never,
    origin: () => 'nowhere',
    defaultId: () => 'built',
    cursor: { parse: (data: unknown) => data } as never,
    initialCursor: { v: 1, next: 0 },
    mapperVersion: 1,
    prepare: async (_context, committed) => ({ cursor: committed }),
    async *read() {},
    toEvents,
    ...part,
  };
}
