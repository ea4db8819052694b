// What a person decides about dead letters: back into the pipeline, or never. A few at a time, each time in a transaction
// that locks the source's cursor row first, as persist does: a sync that commits meanwhile waits for milliseconds.
import type { LetterKey } from '../domain/letter-key.js';
import type { DeferredKey } from '../domain/stage.js';
import { limits } from '../limits.js';
import { appendLink, beginChain, changesOf, decisionRows, deferredRows } from './chain.js';
import { lockCursor } from './cursors.js';
import type { Pool, Session } from './pool.js';
import { inTransaction } from './transaction.js';

export type Decision = 'redriven' | 'discarded';

export interface DecisionOrder {
  readonly decision: Decision;
  readonly source: string;
  /** These letters; if left out, all open letters that match. */
  readonly keys?: readonly LetterKey[] | undefined;
  readonly stage?: string | undefined;
  readonly code?: string | undefined;
  /** Who decides. */
  readonly by: string;
  readonly reason: string | null;
}

/** Points of the transaction where tests stop it, as a crash would. */
export type DecisionPoint = 'begun' | 'recorded';
export type AtDecision = (point: DecisionPoint) => Promise<void>;

const nowhere: AtDecision = async () => {};

/**
 * How many letters were decided now. Repeating it decides none again; killed on the way, whole batches are done or not.
 * `told` gets the number so far after each batch.
 * Letters that die while it works are not touched, or what is redriven in vain would be redriven for ever.
 */
export async function decideLetters(
  pool: Pool,
  order: DecisionOrder,
  at: AtDecision = nowhere,
  told: (decided: number) => void = () => undefined,
): Promise<number> {
  const { rows } = await pool.query<{ now: string }>('select clock_timestamp()::text as now');
  let decided = 0;
  let last: DeferredKey | undefined;
  do {
    const batch = await inTransaction(pool, (session) => decideSome(session, order, rows[0]!.now, last, at));
    decided += batch.length;
    told(decided);
    last = batch.at(-1);
  } while (last !== undefined);
  return decided;
}

async function decideSome(
  session: Session,
  order: DecisionOrder,
  until: string,
  after: DeferredKey | undefined,
  at: AtDecision,
): Promise<DeferredKey[]> {
  const cursor = await lockCursor(session, order.source);
  if (cursor === undefined) return [];
  await beginChain(session, cursor);
  await at('begun');
  await alongTheIndex(session);
  const keys = await insertDecisions(session, order, until, after);
  if (keys.length > 0) await appendLink(session, { source: order.source, kind: 'decision' });
  await at('recorded');
  return keys;
}

/**
 * These tables grow faster than they are analysed: a planner that takes them for empty reads and sorts all of them for each
 * batch, and redriving 90,000 letters took 52 s. By their primary keys it takes no more than the batch.
 */
async function alongTheIndex(session: Session): Promise<void> {
  for (const method of ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan', 'sort', 'material'])
    await session.query(`set local enable_${method} = off`);
}

/**
 * The stage a letter comes back to, null when it keeps too little. What validate or hash refused is mapped anew from its
 * record; what died elsewhere goes on where it was.
 */
const comesBackTo = `case
  when l.stage in ('validate', 'hash') then case when l.raw is not null or l.holder is not null then 'validate' end
  when l.stage = 'persist' then case when l.raw is not null then 'persist' end
  when l.event ? 'dataText' then l.stage end`;

/**
 * In the order of their keys, after the one given. Asked for by key, what was discarded may still be redriven. A redriven
 * letter is due since it died, by the database's clock: a worker whose clock is behind must not miss it.
 */
async function insertDecisions(
  session: Session,
  order: DecisionOrder,
  until: string,
  after: DeferredKey | undefined,
): Promise<DeferredKey[]> {
  const { decision, source, keys, stage, code, by, reason } = order;
  const { rows } = await session.query<DeferredKey>(
    `with chosen as (
       select l.epoch, l.page, l.ordinal, l.dead_at, l.error, l.deaths, ${comesBackTo} as back_to
         from dead_letters l
        where l.source = $1 and ($2::integer[] is null or (l.epoch, l.page, l.ordinal) in (select * from unnest($2, $3::integer[], $4::integer[])))
          and ($5::text is null or l.stage = $5) and ($6::text is null or l.code = $6)
          and ($10 = 'discarded' or ${comesBackTo} is not null)
          and not exists (select from dead_letter_decisions d
                           where d.source = $1 and d.epoch = l.epoch and d.page = l.page and d.ordinal = l.ordinal
                             and (d.decision = 'redriven' or $2 is null or $10 = 'discarded'))
          and l.dead_at <= $7::timestamptz and (l.epoch, l.page, l.ordinal) > ($8::integer, $9::integer, $11::integer)
        order by l.epoch, l.page, l.ordinal limit $14
     ), made as (
       insert into dead_letter_decisions (source, epoch, page, ordinal, decision, decided_by, reason)
       select $1, epoch, page, ordinal, $10, $12, $13 from chosen
       returning *
     ), put_back as (
       insert into deferred (source, epoch, page, ordinal, stage, event, attempts, next_at, error, letter)
       select $1, epoch, page, ordinal, back_to, '{}', 0, dead_at, error,
              jsonb_build_object('deaths', deaths, 'key', concat_ws('.', epoch, page, ordinal))
         from chosen where $10 = 'redriven'
       returning *
     ), told as (
       ${changesOf(decisionRows, 'made', '$1')}
     ), told_back as (
       ${changesOf(deferredRows, 'put_back', '$1')}
     )
     select epoch, page, ordinal from chosen order by epoch, page, ordinal`,
    [
      source,
      keys?.map(({ epoch }) => epoch) ?? null,
      keys?.map(({ page }) => page) ?? null,
      keys?.map(({ ordinal }) => ordinal) ?? null,
      stage ?? null,
      code ?? null,
      until,
      after?.epoch ?? -1,
      after?.page ?? -1,
      decision,
      after?.ordinal ?? -1,
      by,
      reason,
      limits.letterBatchRows,
    ],
  );
  return rows;
}
