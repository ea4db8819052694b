// Rows of `commits`: the feed readers follow. A commit's number is given after it is visible, to all that wait for one,
// under one advisory lock; so whoever has read up to a number has missed nothing below it.
import type { PageKey } from '../domain/page.js';
import type { Queryable, Session } from './pool.js';

export async function insertCommit(session: Session, page: PageKey, inserted: number, ingestedAt: Date): Promise<void> {
  await session.query('insert into commits (source, epoch, seq, inserted, ingested_at) values ($1, $2, $3, $4, $5)', [
    page.source,
    page.epoch,
    page.seq,
    inserted,
    ingestedAt,
  ]);
}

/** Whoever listens there is told of the highest number that was given. */
export const commitChannel = 'tributary_commits';

/** Numbers every visible commit that has none; returns how many. Safe to call from anywhere, at any time. */
export async function numberCommits(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ numbered: string }>({
    name: 'number_commits',
    text: `with alone as materialized (select pg_advisory_xact_lock(hashtext('tributary.commit_numbers'))),
                waiting as materialized (
                  select id from commits, alone where number is null order by id for update of commits),
                numbered as (
                  update commits set number = nextval('commit_numbers') from waiting where commits.id = waiting.id
                  returning number),
                told as materialized (select pg_notify('${commitChannel}', max(number)::text) from numbered having count(*) > 0)
           select (select count(*) from numbered) as numbered, (select count(*) from told) as told`,
  });
  return Number(rows[0]!.numbered);
}
