-- What the migrations make. Written by a test; UPDATE_SCHEMA=1 npx vitest run test/store/schema writes it anew.

-- Tables and views

table commits (
  id bigint not null identity a,
  number bigint,
  source text collate "C" not null,
  epoch integer not null,
  seq integer not null,
  inserted integer not null,
  ingested_at timestamp with time zone not null
)

table dead_letters (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  stage text not null,
  code text not null,
  error text not null,
  event jsonb,
  raw bytea,
  dead_at timestamp with time zone not null default clock_timestamp()
)

table deferred (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  stage text not null,
  event jsonb not null,
  context jsonb not null default '{}'::jsonb,
  processed text[] not null default '{}'::text[],
  attempts integer not null default 1,
  next_at timestamp with time zone not null,
  error text
)

table event_hashes (
  hash bytea not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  ingested_at timestamp with time zone not null
)

table events partitioned by RANGE (ingested_at) (
  ingested_at timestamp with time zone not null,
  source text collate "C" not null,
  id text collate "C" not null,
  type text collate "C" not null,
  subject text collate "C",
  time timestamp with time zone,
  priority smallint not null,
  content_hash bytea,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  flags text[],
  data jsonb not null,
  enrichment jsonb,
  raw bytea
)

table events_default partition of events (
  ingested_at timestamp with time zone not null,
  source text collate "C" not null,
  id text collate "C" not null,
  type text collate "C" not null,
  subject text collate "C",
  time timestamp with time zone,
  priority smallint not null,
  content_hash bytea,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  flags text[],
  data jsonb not null,
  enrichment jsonb,
  raw bytea
)

view git_code_changes (
  source text collate "C",
  code_event_type text,
  file_path text,
  old_file_path text,
  language text,
  diff text,
  symbols jsonb,
  additions bigint,
  deletions bigint,
  git_commit text,
  git_author text,
  git_author_email text,
  author_time timestamp with time zone,
  commit_time timestamp with time zone,
  commit_subject text,
  repository text,
  event_id text collate "C",
  ingested_at timestamp with time zone
)

view git_commits (
  source text collate "C",
  sha text,
  tree text,
  parents text[],
  is_merge boolean,
  author_name text,
  author_email text,
  author_time timestamp with time zone,
  committer_name text,
  committer_email text,
  committer_time timestamp with time zone,
  subject text,
  message text,
  message_bytes bytea,
  files integer,
  additions bigint,
  deletions bigint,
  trailers jsonb,
  flags text[],
  event_id text collate "C",
  ingested_at timestamp with time zone
)

view git_file_changes (
  source text collate "C",
  commit text,
  path text,
  path_bytes bytea,
  old_path text,
  change text,
  additions bigint,
  deletions bigint,
  is_binary boolean,
  mode text,
  language text,
  is_merge boolean,
  commit_time timestamp with time zone,
  flags text[],
  event_id text collate "C",
  ingested_at timestamp with time zone,
  patch text,
  patch_bytes bytea,
  is_patch_truncated boolean,
  patch_size bigint,
  patch_sha256 bytea,
  symbols jsonb,
  submodule_old text,
  submodule_new text,
  lfs_oid text,
  lfs_size bigint
)

view git_symbol_changes (
  source text collate "C",
  symbol_name text,
  symbol_type text,
  header text,
  file_path text,
  change text,
  language text,
  git_commit text,
  commit_time timestamp with time zone,
  event_id text collate "C",
  ingested_at timestamp with time zone
)

table ledger (
  source text collate "C" not null,
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
  committed_at timestamp with time zone not null default clock_timestamp()
)

table outbox (
  id bigint not null identity a,
  source text collate "C" not null,
  event_id text collate "C" not null,
  rule text not null,
  created_at timestamp with time zone not null default clock_timestamp()
)

table pages (
  source text collate "C" not null,
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
  fetched_at timestamp with time zone not null,
  host text not null,
  resume_stage text,
  raw bytea not null storage e
)

table runs (
  source text collate "C" not null,
  epoch integer not null,
  run_id text not null,
  first_run_id text not null,
  workflow_id text not null,
  opened_at timestamp with time zone not null default now(),
  prepared jsonb,
  records_expected bigint,
  closed_at timestamp with time zone,
  outcome text,
  error text
)

table schema_migrations (
  version integer not null,
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now()
)

table source_cursors (
  source text collate "C" not null,
  epoch integer not null default 0,
  run_id text,
  seq integer not null default 0,
  cursor jsonb,
  digest text not null,
  updated_at timestamp with time zone not null default now()
)

table source_state (
  source text collate "C" not null,
  kind text collate "C" not null,
  key text collate "C" not null,
  value jsonb not null
)

table sources (
  id text collate "C" not null,
  type text collate "C" not null,
  options jsonb not null,
  origin text not null,
  mapper_version integer not null,
  canonicaliser_version integer not null,
  created_at timestamp with time zone not null default now()
)

table stage_outputs (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  stage text collate "C" not null,
  ordinal integer not null,
  answer text not null,
  context jsonb,
  next_at timestamp with time zone,
  error text
)

-- Constraints

commits: commits_number_key UNIQUE (number)

commits: commits_pkey PRIMARY KEY (id)

dead_letters: dead_letters_pkey PRIMARY KEY (source, epoch, page, ordinal)

dead_letters: dead_letters_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

deferred: deferred_pkey PRIMARY KEY (source, epoch, page, ordinal)

deferred: deferred_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

event_hashes: event_hashes_pkey PRIMARY KEY (hash)

events: events_pkey PRIMARY KEY (ingested_at, source, id)

ledger: every_event_is_accounted_for CHECK (((fetched = ((((((inserted + duplicate) + existing) + suppressed) + removed) + deferred) + dead)) AND (LEAST(fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead) >= 0)))

ledger: ledger_pkey PRIMARY KEY (source, epoch, seq)

ledger: ledger_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

ledger: what_comes_back_is_a_page_of_its_own CHECK ((((redriven = 0) OR (redriven = fetched)) AND ((recounted >= 0) AND (recounted <= redriven))))

outbox: outbox_pkey PRIMARY KEY (id)

outbox: outbox_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

pages: pages_pkey PRIMARY KEY (source, epoch, seq)

pages: pages_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

runs: runs_pkey PRIMARY KEY (source, epoch)

runs: runs_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

schema_migrations: schema_migrations_pkey PRIMARY KEY (version)

source_cursors: source_cursors_pkey PRIMARY KEY (source)

source_cursors: source_cursors_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

source_state: source_state_pkey PRIMARY KEY (source, kind, key)

source_state: source_state_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

sources: sources_pkey PRIMARY KEY (id)

stage_outputs: stage_outputs_answer_check CHECK ((answer = ANY (ARRAY['advance'::text, 'remove'::text, 'defer'::text])))

stage_outputs: stage_outputs_pkey PRIMARY KEY (source, epoch, page, stage, ordinal)

-- Indexes

CREATE INDEX commits_unnumbered ON public.commits USING btree (id) WHERE (number IS NULL)

CREATE INDEX deferred_due ON public.deferred USING btree (source, next_at)

CREATE INDEX events_by_source_time ON ONLY public.events USING btree (source, "time")

CREATE INDEX events_by_type_time ON ONLY public.events USING btree (type, "time")

CREATE INDEX git_changes_by_commit ON ONLY public.events USING btree (((data ->> 'commit'::text))) WHERE (type = 'git.file_change'::text)

CREATE INDEX git_changes_by_path ON ONLY public.events USING hash (((data ->> 'path'::text))) WHERE (type = 'git.file_change'::text)

CREATE INDEX git_changes_by_symbol ON ONLY public.events USING gin (git_symbol_names(data)) WHERE ((type = 'git.file_change'::text) AND (data ? 'symbols'::text))

CREATE INDEX git_commits_by_author ON ONLY public.events USING hash ((((data -> 'author'::text) ->> 'email'::text))) WHERE (type = 'git.commit'::text)

CREATE INDEX git_commits_by_sha ON ONLY public.events USING btree (((data ->> 'sha'::text))) WHERE (type = 'git.commit'::text)

CREATE INDEX pages_by_age ON public.pages USING btree (fetched_at)

CREATE INDEX runs_by_run_id ON public.runs USING btree (run_id)

CREATE UNIQUE INDEX commits_number_key ON public.commits USING btree (number)

CREATE UNIQUE INDEX commits_pkey ON public.commits USING btree (id)

CREATE UNIQUE INDEX dead_letters_pkey ON public.dead_letters USING btree (source, epoch, page, ordinal)

CREATE UNIQUE INDEX deferred_pkey ON public.deferred USING btree (source, epoch, page, ordinal)

CREATE UNIQUE INDEX event_hashes_pkey ON public.event_hashes USING btree (hash)

CREATE UNIQUE INDEX events_pkey ON ONLY public.events USING btree (ingested_at, source, id)

CREATE UNIQUE INDEX ledger_pkey ON public.ledger USING btree (source, epoch, seq)

CREATE UNIQUE INDEX outbox_pkey ON public.outbox USING btree (id)

CREATE UNIQUE INDEX pages_pkey ON public.pages USING btree (source, epoch, seq)

CREATE UNIQUE INDEX runs_pkey ON public.runs USING btree (source, epoch)

CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version)

CREATE UNIQUE INDEX source_cursors_pkey ON public.source_cursors USING btree (source)

CREATE UNIQUE INDEX source_state_pkey ON public.source_state USING btree (source, kind, key)

CREATE UNIQUE INDEX sources_pkey ON public.sources USING btree (id)

CREATE UNIQUE INDEX stage_outputs_pkey ON public.stage_outputs USING btree (source, epoch, page, stage, ordinal)

-- Sequences

commit_numbers

commits_id_seq

outbox_id_seq

-- View definitions

git_code_changes as
 SELECT f.source,
    ('file_'::text || (f.data ->> 'change'::text)) AS code_event_type,
    (f.data ->> 'path'::text) AS file_path,
    (f.data ->> 'oldPath'::text) AS old_file_path,
    (f.data ->> 'language'::text) AS language,
    (f.data ->> 'patch'::text) AS diff,
    (f.data -> 'symbols'::text) AS symbols,
    ((f.data ->> 'additions'::text))::bigint AS additions,
    ((f.data ->> 'deletions'::text))::bigint AS deletions,
    (f.data ->> 'commit'::text) AS git_commit,
    ((c.data -> 'author'::text) ->> 'name'::text) AS git_author,
    ((c.data -> 'author'::text) ->> 'email'::text) AS git_author_email,
    (((c.data -> 'author'::text) ->> 'time'::text))::timestamp with time zone AS author_time,
    f."time" AS commit_time,
    (c.data ->> 'subject'::text) AS commit_subject,
    s.origin AS repository,
    f.id AS event_id,
    f.ingested_at
   FROM ((events f
     JOIN sources s ON ((s.id = f.source)))
     LEFT JOIN LATERAL ( SELECT events.data
           FROM events
          WHERE ((events.type = 'git.commit'::text) AND ((events.data ->> 'sha'::text) = (f.data ->> 'commit'::text)) AND (events.source = f.source))
         LIMIT 1) c ON (true))
  WHERE (f.type = 'git.file_change'::text);

git_commits as
 SELECT source,
    (data ->> 'sha'::text) AS sha,
    (data ->> 'tree'::text) AS tree,
    ARRAY( SELECT jsonb_array_elements_text((events.data -> 'parents'::text)) AS jsonb_array_elements_text) AS parents,
    (COALESCE(jsonb_array_length((data -> 'parents'::text)), 0) > 1) AS is_merge,
    ((data -> 'author'::text) ->> 'name'::text) AS author_name,
    ((data -> 'author'::text) ->> 'email'::text) AS author_email,
    (((data -> 'author'::text) ->> 'time'::text))::timestamp with time zone AS author_time,
    ((data -> 'committer'::text) ->> 'name'::text) AS committer_name,
    ((data -> 'committer'::text) ->> 'email'::text) AS committer_email,
    (((data -> 'committer'::text) ->> 'time'::text))::timestamp with time zone AS committer_time,
    (data ->> 'subject'::text) AS subject,
    (data ->> 'message'::text) AS message,
    decode((data ->> 'messageBytes'::text), 'base64'::text) AS message_bytes,
    (((data -> 'stats'::text) ->> 'files'::text))::integer AS files,
    (((data -> 'stats'::text) ->> 'additions'::text))::bigint AS additions,
    (((data -> 'stats'::text) ->> 'deletions'::text))::bigint AS deletions,
    (data -> 'trailers'::text) AS trailers,
    flags,
    id AS event_id,
    ingested_at
   FROM events
  WHERE (type = 'git.commit'::text);

git_file_changes as
 SELECT source,
    (data ->> 'commit'::text) AS commit,
    (data ->> 'path'::text) AS path,
    decode((data ->> 'pathBytes'::text), 'base64'::text) AS path_bytes,
    (data ->> 'oldPath'::text) AS old_path,
    (data ->> 'change'::text) AS change,
    ((data ->> 'additions'::text))::bigint AS additions,
    ((data ->> 'deletions'::text))::bigint AS deletions,
    ((data ->> 'binary'::text))::boolean AS is_binary,
    (data ->> 'mode'::text) AS mode,
    (data ->> 'language'::text) AS language,
    COALESCE(((data ->> 'merge'::text))::boolean, false) AS is_merge,
    "time" AS commit_time,
    flags,
    id AS event_id,
    ingested_at,
    (data ->> 'patch'::text) AS patch,
    decode((data ->> 'patchBytes'::text), 'base64'::text) AS patch_bytes,
    COALESCE(((data ->> 'patchTruncated'::text))::boolean, false) AS is_patch_truncated,
    ((data ->> 'patchSize'::text))::bigint AS patch_size,
    decode((data ->> 'patchSha256'::text), 'hex'::text) AS patch_sha256,
    (data -> 'symbols'::text) AS symbols,
    ((data -> 'submodule'::text) ->> 'old'::text) AS submodule_old,
    ((data -> 'submodule'::text) ->> 'new'::text) AS submodule_new,
    ((data -> 'lfs'::text) ->> 'oid'::text) AS lfs_oid,
    (((data -> 'lfs'::text) ->> 'size'::text))::bigint AS lfs_size
   FROM events
  WHERE (type = 'git.file_change'::text);

git_symbol_changes as
 SELECT e.source,
    (s.symbol ->> 'name'::text) AS symbol_name,
    (s.symbol ->> 'type'::text) AS symbol_type,
    (s.symbol ->> 'text'::text) AS header,
    (e.data ->> 'path'::text) AS file_path,
    (e.data ->> 'change'::text) AS change,
    (e.data ->> 'language'::text) AS language,
    (e.data ->> 'commit'::text) AS git_commit,
    e."time" AS commit_time,
    e.id AS event_id,
    e.ingested_at
   FROM (events e
     CROSS JOIN LATERAL jsonb_array_elements((e.data -> 'symbols'::text)) s(symbol))
  WHERE ((e.type = 'git.file_change'::text) AND (e.data ? 'symbols'::text));

-- Functions

CREATE OR REPLACE FUNCTION public.ensure_events_partitions(months_ahead integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$

CREATE OR REPLACE FUNCTION public.forget_unread_source(unread text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  perform from source_cursors where source = unread and epoch = 1 and seq = 0 for update;
  if not found or exists (select from ledger where source = unread) or exists (select from pages where source = unread) then
    return false;
  end if;
  delete from runs where source = unread;
  delete from source_cursors where source = unread;
  delete from sources where id = unread;
  return true;
end $function$

CREATE OR REPLACE FUNCTION public.git_author_history(email text)
 RETURNS SETOF git_code_changes
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select changes.*
  from events c
  cross join lateral (
    select * from git_code_changes where git_commit = c.data ->> 'sha' and source = c.source offset 0
  ) changes
  where c.type = 'git.commit' and c.data -> 'author' ->> 'email' = git_author_history.email
$function$

CREATE OR REPLACE FUNCTION public.git_symbol_history(name text)
 RETURNS SETOF git_symbol_changes
 LANGUAGE sql
 STABLE PARALLEL SAFE
AS $function$
  select
    e.source, s.symbol ->> 'name', s.symbol ->> 'type', s.symbol ->> 'text', e.data ->> 'path', e.data ->> 'change',
    e.data ->> 'language', e.data ->> 'commit', e.time, e.id, e.ingested_at
  from events e
  cross join lateral jsonb_array_elements(e.data -> 'symbols') as s (symbol)
  where e.type = 'git.file_change' and e.data ? 'symbols'
    and git_symbol_names(e.data) @> array[git_symbol_history.name] and s.symbol ->> 'name' = git_symbol_history.name
$function$

CREATE OR REPLACE FUNCTION public.git_symbol_names(data jsonb)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN ARRAY(SELECT (jsonb_array_elements((data -> 'symbols'::text)) ->> 'name'::text))

-- Rights of tributary_worker

commits: insert, select, update

dead_letters: insert, select

deferred: delete, insert, select, update

event_hashes: insert, select

events: insert, select

events_default: insert, select

git_code_changes: select

git_commits: select

git_file_changes: select

git_symbol_changes: select

ledger: insert, select

outbox: delete, insert, select

pages: delete, insert, select, update

runs: insert, select, update

schema_migrations: insert, select

source_cursors: insert, select, update

source_state: delete, insert, select, update

sources: insert, select, update

stage_outputs: delete, insert, select, update
