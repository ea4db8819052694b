// A queue of whole records, as something might push them: rows of the test's own table `pushed`. What a worker needs to take
// them is all here. Plain JavaScript on the build, for workers that are killed.
import { newBatch } from '../../dist/src/domain/stage.js';

export const pushedTable = `create table pushed (
  id bigint generated always as identity primary key, source text not null, due_at timestamptz not null default now(), record bytea not null);
  grant select, delete on pushed to tributary_worker`;

export const pushedQueue = {
  name: 'pushed',
  async isDue(db, source, now) {
    const { rows } = await db.query('select exists(select from pushed where source = $1 and due_at <= $2) as due', [
      source,
      now,
    ]);
    return rows[0].due;
  },
  async take(db, { source, now, eventsMax, bytesMax }) {
    const { rows } = await db.query(
      `select id::text, record
         from (select due.*, sum(octet_length(record)) over (order by due_at, id) - octet_length(record) as bytes_before
                 from (select * from pushed where source = $1 and due_at <= $2 order by due_at, id limit $3) as due) as sized
        where bytes_before < $4 order by due_at, id`,
      [source, now, eventsMax, bytesMax],
    );
    return rows.length === 0
      ? undefined
      : { stage: null, records: rows.map(({ record }) => record), keys: rows.map(({ id }) => id) };
  },
  begin: (page, records) => ({ ...newBatch(page, records), queueKeys: page.queued.keys }),
  async remove(db, { source }, keys) {
    const { rowCount } = await db.query('delete from pushed where source = $1 and id = any($2::bigint[])', [
      source,
      keys,
    ]);
    return { rows: rowCount, redriven: 0, recounted: 0 };
  },
};
