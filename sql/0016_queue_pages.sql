-- Pages of a queue: what waits in rows of Postgres comes to a run as pages of its own, and its commit takes the rows out
-- (docs/decisions/0008-queue-pages.md). `queue` names it; null: a page the source gave. `resume_stage` is the stage its
-- events go on from; null: they begin as any record does. `queue_keys` are the rows, where the records do not name theirs.
alter table pages
  add column queue text collate "C",
  add column queue_keys text[];

update pages set queue = case resume_stage when 'validate' then 'letters' else 'deferred' end where resume_stage is not null;

-- A worker from before this would write pages that read like a source's.
alter table pages
  add constraint a_queue_is_named check (queue is not null or (resume_stage is null and queue_keys is null));

-- A write beside the pages (docs/decisions/0008-queue-pages.md) is in epoch 0, and in a chain of its own: its links are
-- numbered -1, -2, …; this row is its head, and the lock under which it grows.
create table express_heads (
  source text collate "C" primary key references sources (id) on delete cascade,
  links bigint not null default 0,
  chain bytea
);

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert, update on express_heads to tributary_worker;
  end if;
end $$;
