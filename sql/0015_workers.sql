-- The workers there are, each with what it was started with: a command whose environment differs can say so. A worker writes
-- its row at its start, says every some seconds that it is there, and takes the row out when it ends.

create table workers (
  id uuid primary key,
  host text not null,
  pid integer not null,
  task_queue text not null,
  version text not null,
  started_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  -- Names.
  sources text[] not null,
  stages text[] not null,
  processors text[] not null,
  settings jsonb not null
);

-- For views made from a source's catalogue: null where the text is no moment that a calendar has.
create function event_instant(given text) returns timestamptz
language plpgsql stable as $$
begin
  return given::timestamptz;
exception when others then
  return null;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert, update, delete on workers to tributary_worker;
  end if;
end $$;
