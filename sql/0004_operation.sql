-- What people say to sources and workers between runs.

-- A source that is paused: its runs wait, whoever started them. The row outlives the run that wrote it.
create table source_pauses (
  source text collate "C" primary key references sources (id) on delete cascade,
  reason text,
  -- Null: until somebody resumes it.
  until timestamptz,
  paused_by text,
  paused_at timestamptz not null default now()
);

-- Times somebody said that workers shall forget the hashes they remember; each compares before it uses them.
create sequence recent_hash_clearings;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert, update, delete on source_pauses to tributary_worker;
    grant select on sequence recent_hash_clearings to tributary_worker;
  end if;
end $$;
