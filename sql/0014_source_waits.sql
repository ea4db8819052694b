-- When a source is asked again, and why not sooner: its origin said when to come back, or it needs a person and a follower
-- tries again by itself. A restart that finds the row does not ask early.
create table source_waits (
  source text collate "C" primary key references sources (id) on delete cascade,
  state text not null check (state in ('rate_limited', 'needs_attention')),
  code text not null,
  message text not null,
  until timestamptz not null,
  since timestamptz not null default now(),
  -- Waits for the same reason, one after the other.
  times integer not null default 1
);

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert, update, delete on source_waits to tributary_worker;
  end if;
end $$;

-- Which records of a page are of which stream of its source: [["issues", 120], ["comments", 30]], in order. Null: it has none.
alter table pages add column streams jsonb;

-- How each stream of a source stands. The rows change with the page that carries the stream's records.
create view source_streams as
  select source, key as stream, value ->> 'state' as state, value ->> 'code' as code, value ->> 'message' as message,
         (value ->> 'until')::timestamptz as until, (value ->> 'since')::timestamptz as since,
         (value ->> 'records')::bigint as records, value -> 'position' as position
    from source_state
   where kind = 'stream';

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on source_streams to tributary_worker;
  end if;
end $$;
