-- Settings of a source: how it is read, by name, and only those that somebody set; src/domain/source-settings.ts has their
-- defaults and bounds. A start by id uses them, a start that names some changes just those.
--
-- `removal`: somebody removes the source, with its events (delete) or without (keep). Until `removed_at` it is under way, and
-- no run opens. With its events kept the row stays, and what proves them stays with it; else a row of source_removals is left.
alter table sources
  add column settings jsonb not null default '{}',
  add column removal text check (removal in ('keep', 'delete')),
  add column removed_at timestamptz,
  add constraint what_is_removed_says_how check (removed_at is null or removal = 'keep');

-- What a run was opened with: every worker that has a part in it works by the same, whatever is set meanwhile. `changed`: what
-- the start of its chain changed, as {field: [from, to]}; null for runs of before.
alter table runs
  add column options jsonb,
  add column settings jsonb,
  add column changed jsonb;
create index runs_by_chain on runs (source, first_run_id, epoch);

-- A vector goes when no event has its text any more.
create index embedding_inputs_by_hash on embedding_inputs (input_hash);

-- Sources that are removed with their events: who does it, and how much it is by the ledger. Once it is done the id is free,
-- so there may be several of one.
create table source_removals (
  source text collate "C" not null,
  type text not null,
  origin text not null,
  events bigint not null,
  removed_by text not null,
  began_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz
);
create unique index source_removals_under_way on source_removals (source) where removed_at is null;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on source_removals to tributary_worker;
  end if;
end $$;
