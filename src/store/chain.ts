// The chain of digests: each transaction that changes what a proof rests on adds a link over the link before it.
// Postgres computes the digests from the rows as it holds them, by the expressions here; `verify` computes them again.
// Whoever changes an expression gives `chainRule` a new number and keeps the old expressions beside the new ones: links
// are for ever.
import type { Session } from './pool.js';

export const chainRule = 1;

/** jsonb prints a moment in the session's time zone; a number has no zone. */
const micros = (moment: string): string => `(extract(epoch from ${moment}) * 1000000)::bigint`;
const hex = (bytes: string): string => `encode(${bytes}, 'hex')`;
/** An array keeps its parts apart: ('a', 'bc') and ('ab', 'c') differ, as do null and ''. */
const digestOfAll = (parts: readonly string[]): string =>
  `sha256(convert_to(jsonb_build_array(${parts.join(', ')})::text, 'UTF8'))`;
const columnsOf = (row: string, columns: string): string[] => columns.split(' ').map((column) => `${row}.${column}`);

/** All of the ledger, but what the link has itself. */
const ledgerColumns =
  'from_digest to_digest fetched inserted duplicate existing suppressed removed deferred dead redriven recounted remapped processing_ms measures';

export const ledgerDigest = (row: string): string =>
  digestOfAll([...columnsOf(row, `source epoch seq ${ledgerColumns}`), micros(`${row}.committed_at`)]);

/** Where reading stands. */
export const positionDigest = (row: string): string => digestOfAll([`${row}.cursor`, `${row}.digest`]);

/** `previous`: the chain up to the link before, null at the first; `entry`: the page's ledger row, or nulls. */
export const linkDigest = (link: string, entry: string, previous: string): string =>
  digestOfAll([
    hex(previous),
    ...columnsOf(link, 'source number rule kind epoch seq run_id'),
    micros(`${link}.made_at`),
    micros(`${link}.ingested_at`),
    ...['position', 'base', 'events', 'changes'].map((column) => hex(`${link}.${column}`)),
    hex(`sha256(${link}.event_rows)`),
    hex(ledgerDigest(entry)),
  ]);

/** What there is before the first link: the source as it was created, and pages that no link stands for. */
export const baseDigest = (source: string): string => `(
  select sha256(${digestOfAll(columnsOf('s', 'id type origin identity_version canonicaliser_version'))} || coalesce(
           (select string_agg(${ledgerDigest('g')}, ''::bytea order by g.epoch, g.seq) from ledger g
             where g.source = s.id and not exists (
               select from chain_links p where p.source = g.source and p.epoch = g.epoch and p.seq = g.seq)), ''))
    from sources s where s.id = ${source})`;

/** An aggregate over the rows of one link. */
export const changesOfLink = (row: string): string =>
  `sha256(string_agg(${digestOfAll([`${row}.relation`, `${row}.key`, hex(`${row}.digest`)])}, ''::bytea order by ${row}.relation, ${row}.key))`;

/** A table whose rows `row_changes` has the last word on: how a row is named, and what of it is digested. */
export interface ProvedRows {
  readonly relation: string;
  readonly key: (row: string) => string;
  readonly digest: (row: string) => string;
}

/** A text of any length as a key that an index takes, which begins as the text does. */
const bounded = (text: string): string =>
  `case when octet_length(${text}) <= 1000 then ${text} else left(${text}, 200) || '…' || encode(sha256(convert_to(${text}, 'UTF8')), 'hex') end`;

const keyOf = (columns: string) => (row: string) =>
  bounded(`jsonb_build_array(${columnsOf(row, columns).join(', ')})::text`);
const rowsOf = (relation: string, key: string, rest: (row: string) => string[]): ProvedRows => ({
  relation,
  key: keyOf(key),
  digest: (row) => digestOfAll([...columnsOf(row, `source ${key}`), ...rest(row)]),
});

export const stateRows = rowsOf('source_state', 'kind key', (row) => columnsOf(row, 'value whole_key'));

/** Not `next_at`: when a row is tried is a schedule, and a person may move it. */
export const deferredRows = rowsOf('deferred', 'epoch page ordinal', (row) =>
  columnsOf(row, 'stage event context processed attempts error letter'),
);

export const letterRows = rowsOf('dead_letters', 'epoch page ordinal', (row) => [
  ...columnsOf(row, 'stage code error event part holder context processed deaths earlier_letter'),
  hex(`${row}.raw`),
  micros(`${row}.dead_at`),
]);

export const decisionRows = rowsOf('dead_letter_decisions', 'epoch page ordinal decision', (row) => [
  ...columnsOf(row, 'decided_by reason'),
  micros(`${row}.decided_at`),
]);

export const provedRows = [stateRows, deferredRows, letterRows, decisionRows] as const;

/**
 * The insert of what `rows` (a common table expression that returns whole rows) put in, for the link that is being made.
 * `source`: the parameter with the source's id.
 */
export function changesOf({ relation, key, digest }: ProvedRows, rows: string, source: string): string {
  return `insert into row_changes (source, number, relation, key, digest)
          select ${source}, ${nextNumber(source)}, '${relation}', ${key('r')}, ${digest('r')} from ${rows} r`;
}

/** The same for rows taken out. */
export function removalsOf({ relation, key }: ProvedRows, rows: string, source: string): string {
  return `insert into row_changes (source, number, relation, key)
          select ${source}, ${nextNumber(source)}, '${relation}', ${key('r')} from ${rows} r`;
}

const nextNumber = (source: string): string =>
  `(select links + 1 from source_cursors where source_cursors.source = ${source})`;

export interface NewLink {
  readonly source: string;
  readonly kind: 'base' | 'page' | 'decision' | 'reset';
  readonly seq?: number;
  readonly ingestedAt?: Date;
  /** Null or missing: no row was inserted. */
  readonly events?: EventsDigest | null;
}

export interface EventsDigest {
  readonly digest: Buffer;
  /** 8 bytes for each row: its ordinal, the first bytes of its digest. */
  readonly rows: Buffer;
}

/** The last statement of a transaction that holds the cursor's lock: it reads what the others wrote. */
export async function appendLink(session: Session, link: NewLink): Promise<void> {
  await session.query({
    name: 'append_link',
    text: `with facts as (
             select c.source, c.links + 1 as number, ${chainRule}::smallint as rule, $2::text as kind, c.epoch, $3::integer as seq, c.run_id,
                    clock_timestamp() as made_at, $4::timestamptz as ingested_at, ${positionDigest('c')} as position,
                    case when c.links = 0 then ${baseDigest('$1')} end as base, $5::bytea as events, $6::bytea as event_rows,
                    (select ${changesOfLink('w')} from row_changes w where w.source = $1 and w.number = c.links + 1) as changes, c.chain as previous
               from source_cursors c where c.source = $1
           ), link as (
             insert into chain_links (source, number, rule, kind, epoch, seq, run_id, made_at, ingested_at, position, base, events, event_rows, changes, chain)
             select f.source, f.number, f.rule, f.kind, f.epoch, f.seq, f.run_id, f.made_at, f.ingested_at, f.position, f.base, f.events, f.event_rows,
                    f.changes, ${linkDigest('f', 'g', 'f.previous')}
               from facts f left join ledger g on g.source = f.source and g.epoch = f.epoch and g.seq = f.seq
             returning number, chain
           )
           update source_cursors c set links = link.number, chain = link.chain from link where c.source = $1`,
    values: [
      link.source,
      link.kind,
      link.seq ?? null,
      link.ingestedAt ?? null,
      link.events?.digest ?? null,
      link.events?.rows ?? null,
    ],
  });
}

/** For a source without a chain: the first link is over what is there. Under the cursor's lock, before anything is changed. */
export async function beginChain(
  session: Session,
  { source, links }: { readonly source: string; readonly links: number },
): Promise<void> {
  if (links > 0) return;
  for (const rows of provedRows) {
    await session.query(`with r as (select * from ${rows.relation} where source = $1) ${changesOf(rows, 'r', '$1')}`, [
      source,
    ]);
  }
  await appendLink(session, { source, kind: 'base' });
}
