-- The store: what was read, what was kept, how far reading has come. Postgres is the truth; a workflow only conducts.
-- Text keys use collation "C": compared as bytes, so indexes are fast and order does not depend on the machine.

-- One configured origin. `origin` is fixed at creation; mapper and canonicaliser versions are pinned (a changed rule
-- would re-open every deduplication decision).
create table sources (
  id text collate "C" primary key,
  type text collate "C" not null,
  options jsonb not null,
  origin text not null,
  mapper_version integer not null,
  canonicaliser_version integer not null,
  created_at timestamptz not null default now()
);

-- Where reading stands, and who may move it. persist locks this row first: it is the only lock order there is.
create table source_cursors (
  source text collate "C" primary key references sources (id),
  epoch integer not null default 0,
  run_id text,
  seq integer not null default 0,
  cursor jsonb,
  digest text not null,
  updated_at timestamptz not null default now()
);

-- What a cursor is too small to hold: ref tips, file manifests, thread watchers.
create table source_state (
  source text collate "C" not null references sources (id),
  kind text collate "C" not null,
  key text collate "C" not null,
  value jsonb not null,
  primary key (source, kind, key)
);

-- One execution of a source's workflow. Temporal forgets closed runs after a day; this is the history people look at.
create table runs (
  source text collate "C" not null references sources (id),
  epoch integer not null,
  run_id text not null,
  first_run_id text not null,
  workflow_id text not null,
  opened_at timestamptz not null default now(),
  prepared jsonb,
  records_expected bigint,
  closed_at timestamptz,
  outcome text,
  error text,
  primary key (source, epoch)
);
-- Several epochs of one run are possible: a fenced run re-opens.
create index runs_by_run_id on runs (run_id);

-- Raw records as they came, before any stage. First writer wins; a retried fetch returns what is stored here.
-- A page of deferred events has `resume_stage`: the stage its events come back to. It does not move the position.
create table pages (
  source text collate "C" not null references sources (id),
  epoch integer not null,
  seq integer not null,
  from_digest text not null,
  cursor jsonb not null,
  digest text not null,
  state_patch jsonb,
  records integer not null,
  events integer not null,
  bytes integer not null,
  last boolean not null,
  fetched_at timestamptz not null,
  host text not null,
  resume_stage text,
  raw bytea not null,
  primary key (source, epoch, seq)
);
-- Already brotli: compressing again in Postgres cost 6.8 µs an event and saved nothing.
alter table pages alter column raw set storage external;
create index pages_by_age on pages (fetched_at);

-- One row per committed page: every event fetched is accounted for, or the transaction does not commit.
-- A page of deferred events consumes rows of `deferred` (`redriven`); of those, `recounted` were put off by this same
-- chain of runs, whose sums count them already.
create table ledger (
  source text collate "C" not null references sources (id),
  epoch integer not null,
  seq integer not null,
  from_digest text not null,
  to_digest text not null,
  fetched integer not null,
  inserted integer not null,
  duplicate integer not null,
  existing integer not null,
  suppressed integer not null,
  removed integer not null,
  deferred integer not null,
  dead integer not null,
  redriven integer not null default 0,
  recounted integer not null default 0,
  processing_ms integer not null,
  committed_at timestamptz not null default clock_timestamp(),
  primary key (source, epoch, seq),
  constraint every_event_is_accounted_for check (
    fetched = inserted + duplicate + existing + suppressed + removed + deferred + dead
    and least(fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead) >= 0
  ),
  constraint what_comes_back_is_a_page_of_its_own check (redriven in (0, fetched) and recounted between 0 and redriven)
);

-- By ingestion month: event time would scatter a git history over decades of partitions.
-- All events of a page share ingested_at (the page's fetched_at), so the primary key grows in one place.
create table events (
  ingested_at timestamptz not null,
  source text collate "C" not null,
  id text collate "C" not null,
  type text collate "C" not null,
  subject text collate "C",
  time timestamptz,
  priority smallint not null,
  content_hash bytea,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  flags text[],
  data jsonb not null,
  enrichment jsonb,
  raw bytea,
  primary key (ingested_at, source, id)
) partition by range (ingested_at);
create index events_by_source_time on events (source, time);
create index events_by_type_time on events (type, time);
-- Where no month was made ahead: nothing is refused for want of a partition.
create table events_default partition of events default;

-- What is the same is decided here, over all partitions and for ever. No foreign key: it cost a fifth of the speed.
create table event_hashes (
  hash bytea primary key,
  source text collate "C" not null,
  event_id text collate "C" not null,
  ingested_at timestamptz not null
);

-- Events a stage put off. They are committed with their page, so the position moves on and nothing is lost. `attempts`:
-- times put off; `processed`: the stages before the one it comes back to.
create table deferred (
  source text collate "C" not null references sources (id),
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  stage text not null,
  event jsonb not null,
  context jsonb not null default '{}',
  processed text[] not null default '{}',
  attempts integer not null default 1,
  next_at timestamptz not null,
  error text,
  primary key (source, epoch, page, ordinal)
);
create index deferred_due on deferred (source, next_at);

-- What no retry can store: kept with its bytes and its reason, for a person.
create table dead_letters (
  source text collate "C" not null references sources (id),
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  stage text not null,
  code text not null,
  error text not null,
  event jsonb,
  raw bytea,
  dead_at timestamptz not null default clock_timestamp(),
  primary key (source, epoch, page, ordinal)
);

-- What recorded stages answered, one row an event, until its page is committed: written before the stage's activity
-- completes and read back afterwards, so that no event is processed twice. `context` is the map after the stage. They are
-- many and short-lived: no foreign key.
create table stage_outputs (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  stage text collate "C" not null,
  ordinal integer not null,
  answer text not null check (answer in ('advance', 'remove', 'defer')),
  context jsonb,
  next_at timestamptz,
  error text,
  primary key (source, epoch, page, stage, ordinal)
);

-- Notifications to deliver; rows only for events that a rule matched.
create table outbox (
  id bigint generated always as identity primary key,
  source text collate "C" not null references sources (id),
  event_id text collate "C" not null,
  rule text not null,
  created_at timestamptz not null default clock_timestamp()
);

-- The commit feed. `number` is given after COMMIT, under one advisory lock, to every visible row without one: sequence
-- order is not commit order, and a reader of `id > last` would lose the rows of a slower transaction for ever.
create table commits (
  id bigint generated always as identity primary key,
  number bigint unique,
  source text collate "C" not null,
  epoch integer not null,
  seq integer not null,
  inserted integer not null,
  ingested_at timestamptz not null
);
create index commits_unnumbered on commits (id) where number is null;
create sequence commit_numbers;

-- Monthly partitions are made ahead by whoever runs; the function's owner may, the worker's role may not.
create function ensure_events_partitions(months_ahead integer) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  month timestamptz := date_trunc('month', now() at time zone 'utc') at time zone 'utc';
  name text;
begin
  -- Two starters at once would both see no table and one would fail.
  perform pg_advisory_xact_lock(hashtext('tributary.partitions'));
  for step in 0..months_ahead loop
    name := 'events_' || to_char(month at time zone 'utc', 'YYYY_MM');
    if to_regclass(name) is null then
      begin
        execute format(
          'create table %I partition of events for values from (%L) to (%L)',
          name, month, (month at time zone 'utc' + interval '1 month') at time zone 'utc'
        );
      exception when check_violation then
        -- Rows of this month are in the default partition already, and stay there: all works, only slower to drop.
        raise notice 'events of % are in events_default; no partition of their own was made', name;
      end;
    end if;
    month := (month at time zone 'utc' + interval '1 month') at time zone 'utc';
  end loop;
end $$;

-- The worker's role: it reads, adds and moves cursors; it cannot change the schema, nor events or the ledger it wrote.
do $$
begin
  if not exists (select from pg_roles where rolname = 'tributary_worker') then
    create role tributary_worker nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise notice 'no right to create role tributary_worker: the worker runs as the migrating user';
end $$;
do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    begin
      grant tributary_worker to current_user;
    exception when insufficient_privilege then
      raise notice 'no right to take role tributary_worker: the worker runs as the migrating user';
    end;
    grant usage on schema public to tributary_worker;
    grant select, insert on all tables in schema public to tributary_worker;
    grant update on sources, source_cursors, source_state, runs, pages, deferred, commits, stage_outputs to tributary_worker;
    grant delete on source_state, pages, deferred, stage_outputs, outbox to tributary_worker;
    grant usage on all sequences in schema public to tributary_worker;
    revoke execute on function ensure_events_partitions(integer) from public;
    grant execute on function ensure_events_partitions(integer) to tributary_worker;
  end if;
end $$;
