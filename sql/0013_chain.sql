-- The chain of digests: one link for each transaction that changed what a proof rests on, each over the one before.
-- docs/verifying.md says what it proves, docs/decisions/0005-digest-chain.md why it is made so.

-- `base`: what was there before the chain began (also of a new source). `page`: a committed page. `decision`: what a person
-- decided about dead letters. `reset`: the position put back to the start.
-- `events` is the digest over the rows the page inserted; `event_rows` has 8 bytes for each of them, its ordinal and the
-- first bytes of its own digest, so that verify can say which row is not what it was.
create table chain_links (
  source text collate "C" not null references sources (id) on delete cascade,
  number bigint not null,
  rule smallint not null,
  kind text not null check (kind in ('base', 'page', 'decision', 'reset')),
  epoch integer not null,
  seq integer,
  run_id text,
  made_at timestamptz not null default clock_timestamp(),
  ingested_at timestamptz,
  position bytea not null,
  base bytea,
  events bytea,
  event_rows bytea,
  changes bytea,
  chain bytea not null,
  primary key (source, number),
  constraint a_page_is_named check ((kind = 'page') = (seq is not null))
);
-- Digests do not compress.
alter table chain_links alter column event_rows set storage external;

-- Rows of other tables that a link put in, changed (`digest`: of the row since then) or took out (null). The last word on
-- each key is what the table must hold now. No foreign key: one row for each row of state, deferred or dead letter.
create table row_changes (
  source text collate "C" not null,
  number bigint not null,
  relation text collate "C" not null,
  key text collate "C" not null,
  digest bytea,
  primary key (source, number, relation, key)
);

-- The chain's head: a last link that is taken away is missed here.
alter table source_cursors
  add column links bigint not null default 0,
  add column chain bytea;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert on chain_links, row_changes to tributary_worker;
    -- A chain that begins takes in what people decided before it.
    grant select on dead_letter_decisions to tributary_worker;
  end if;
end $$;
