// Compares what Postgres holds with what it must hold: one row per input that is an event, one dead letter per input that
// is none, nothing else; and a position that never passes rows. test/guarantees/checker.test.ts makes each figure go red.
//
// Also used outside of tests (bench/torture.ts), so it knows nothing of vitest.
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../src/domain/canonical-json.js';
import { instantOf } from '../../src/domain/instant.js';
import { hostileKind, originalOf, synthetic, syntheticId, syntheticRecord } from '../../src/sources/synthetic.js';
import type { Pool } from '../../src/store/pool.js';

export interface ExpectedEvent {
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  /** As it came; what Postgres cannot hold is expected as U+FFFD. */
  readonly data: unknown;
}

export interface ExpectedSource {
  readonly source: string;
  /** Records offered. */
  readonly inputs: number;
  readonly events: ReadonlyMap<string, ExpectedEvent>;
  /** How often each record (base64) must be a dead letter. */
  readonly dead: ReadonlyMap<string, number>;
}

export interface Verdict {
  readonly inputs: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly altered: number;
  /** Broken bookkeeping: a position ahead of the ledger, a hole in the ledger, rows without hash or hash without row. */
  readonly astray: number;
  /** The first few, in words. */
  readonly problems: readonly string[];
}

export const clean = { lost: 0, doubled: 0, invented: 0, altered: 0, astray: 0, problems: [] } as const;

export type SyntheticOptions = ReturnType<typeof synthetic.options.parse>;

/** What must be stored after the synthetic source has been read up to `upTo` (its end). */
export function expectedOfSynthetic(source: string, given: Partial<SyntheticOptions>, upTo?: number): ExpectedSource {
  const options = synthetic.options.parse(given);
  const inputs = upTo ?? options.events;
  const events = new Map<string, ExpectedEvent>();
  const dead = new Map<string, number>();
  for (let at = 0; at < inputs; at++) {
    const index = originalOf(options, at);
    const record = syntheticRecord(options, at);
    if (options.hostile && index % 7 === 3 && ['not JSON', 'too deep'].includes(hostileKind(index))) {
      const raw = record.toString('base64');
      dead.set(raw, (dead.get(raw) ?? 0) + 1);
    } else {
      const draft = synthetic.toEvents(record, { options, stream: null })[0]!;
      const { type, subject = null, time, data } = draft;
      events.set(syntheticId(options, index), {
        type,
        subject,
        time: time === undefined ? null : instantOf(time),
        data,
      });
    }
  }
  return { source, inputs, events, dead };
}

class Findings {
  readonly counts = { lost: 0, doubled: 0, invented: 0, altered: 0, astray: 0 };
  readonly problems: string[] = [];

  add(kind: keyof Findings['counts'], problem: string, times = 1): void {
    this.counts[kind] += times;
    if (this.problems.length < 20) this.problems.push(`${kind}: ${problem}`);
  }
}

export async function checkLedger(pool: Pool, expected: readonly ExpectedSource[]): Promise<Verdict> {
  const findings = new Findings();
  for (const one of expected) {
    await checkEvents(pool, one, findings);
    await checkDeadLetters(pool, one, findings);
    await checkBooks(pool, one.source, findings);
  }
  await checkUnexpectedSources(pool, expected, findings);
  const inputs = expected.reduce((sum, one) => sum + one.inputs, 0);
  return { inputs, ...findings.counts, problems: findings.problems };
}

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: Date | null;
  readonly data: unknown;
  readonly hash: string;
}

async function checkEvents(pool: Pool, { source, events }: ExpectedSource, findings: Findings): Promise<void> {
  const { rows } = await pool.query<EventRow>(
    `select id, type, subject, time, data, encode(content_hash, 'hex') as hash from events where source = $1`,
    [source],
  );
  const seen = new Set<string>();
  for (const row of rows) {
    const wanted = events.get(row.id);
    if (wanted === undefined) findings.add('invented', `${source} has an event ${row.id} that no input gave`);
    else if (seen.has(row.id)) findings.add('doubled', `${source} has event ${row.id} more than once`);
    else if (!isAsExpected(row, wanted)) findings.add('altered', `${source} has event ${row.id} with other contents`);
    seen.add(row.id);
  }
  for (const id of events.keys()) if (!seen.has(id)) findings.add('lost', `${source} lacks event ${id}`);
}

function isAsExpected(row: EventRow, { type, subject, time, data }: ExpectedEvent): boolean {
  const text = canonicalJson({ data, subject, time, type });
  return (
    row.type === type &&
    row.subject === subject &&
    (row.time === null ? time === null : time !== null && row.time.getTime() === Date.parse(time)) &&
    isDeepStrictEqual(row.data, storable(data)) &&
    row.hash === createHash('sha256').update(text).digest('hex')
  );
}

/** The projection of what jsonb refuses. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storable(key), storable(item)]));
}

async function checkDeadLetters(pool: Pool, { source, dead }: ExpectedSource, findings: Findings): Promise<void> {
  const { rows } = await pool.query<{ raw: string | null; times: number }>(
    `select translate(encode(raw, 'base64'), E'\\n', '') as raw, count(*)::integer as times from dead_letters where source = $1 group by 1`,
    [source],
  );
  const found = new Map(rows.map((row) => [row.raw ?? 'nothing', row.times]));
  for (const [raw, times] of found) {
    const wanted = dead.get(raw) ?? 0;
    const what = `${source} has ${times} dead letters of a record expected ${wanted} times: ${raw.slice(0, 60)}`;
    if (wanted === 0) findings.add('invented', what, times);
    else if (times > wanted) findings.add('doubled', what, times - wanted);
  }
  for (const [raw, wanted] of dead) {
    const missing = wanted - (found.get(raw) ?? 0);
    if (missing > 0) findings.add('lost', `${source} lacks ${missing} dead letters of ${raw.slice(0, 60)}`, missing);
  }
}

/** Each statement gives one row per broken invariant. */
const books: Readonly<Record<string, string>> = {
  'the position is not where the ledger ends': `
    select from source_cursors c
     where source = $1 and digest is distinct from coalesce(
       (select to_digest from ledger l where l.source = c.source order by epoch desc, seq desc limit 1), digest)
        or source = $1 and cursor is not null and not exists (select from ledger l where l.source = c.source)`,
  'a page does not begin where the one before ended': `
    select from (
      select from_digest, lag(to_digest) over (order by epoch, seq) as before from ledger where source = $1) as pages
     where before is not null and before <> from_digest`,
  'a page of an epoch is missing': `
    select from (select seq, row_number() over (partition by epoch order by seq) as place from ledger where source = $1) as pages
     where seq <> place`,
  'the ledger counts other events than there are': `
    select where (select coalesce(sum(inserted), 0) from ledger where source = $1) <> (select count(*) from events where source = $1)
              or (select coalesce(sum(dead), 0) from ledger where source = $1) <> (select count(*) from dead_letters where source = $1)
              or (select coalesce(sum(inserted), 0) from ledger where source = $1) <> (select coalesce(sum(inserted), 0) from commits where source = $1)`,
  'an event has no hash, or a hash has no event': `
    select from (select id, ingested_at from events where source = $1) as e
      full join (select event_id as id, ingested_at from event_hashes where source = $1) as h using (id, ingested_at)
     where e is null or h is null`,
};

async function checkBooks(pool: Pool, source: string, findings: Findings): Promise<void> {
  for (const [problem, statement] of Object.entries(books)) {
    const { rowCount } = await pool.query(statement, [source]);
    if (rowCount !== null && rowCount > 0) findings.add('astray', `${source}: ${problem}`, rowCount);
  }
}

async function checkUnexpectedSources(
  pool: Pool,
  expected: readonly ExpectedSource[],
  findings: Findings,
): Promise<void> {
  const { rows } = await pool.query<{ source: string; times: number }>(
    'select source, count(*)::integer as times from events where source <> all($1) group by source',
    [expected.map((one) => one.source)],
  );
  for (const { source, times } of rows)
    findings.add('invented', `${source} was never a source, but has ${times} events`, times);
}
