-- What the migrations make. Written by a test; UPDATE_SCHEMA=1 npx vitest run test/store/schema writes it anew.

-- Tables and views

table access_tokens (
  name text collate "C" not null,
  digest bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default clock_timestamp(),
  created_by text not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  revoked_by text
)

table chain_links (
  source text collate "C" not null,
  number bigint not null,
  rule smallint not null,
  kind text not null,
  epoch integer not null,
  seq integer,
  run_id text,
  made_at timestamp with time zone not null default clock_timestamp(),
  ingested_at timestamp with time zone,
  position bytea not null,
  base bytea,
  events bytea,
  event_rows bytea storage e,
  changes bytea,
  chain bytea not null
)

table commits (
  id bigint not null identity a,
  number bigint,
  source text collate "C" not null,
  epoch integer not null,
  seq integer not null,
  inserted integer not null,
  ingested_at timestamp with time zone not null
)

view current_events (
  ingested_at timestamp with time zone,
  source text collate "C",
  id text collate "C",
  type text collate "C",
  subject text collate "C",
  time timestamp with time zone,
  priority smallint,
  content_hash bytea,
  epoch integer,
  page integer,
  ordinal integer,
  flags text[],
  data jsonb,
  enrichment jsonb,
  raw bytea,
  entity text collate "C",
  version text collate "C",
  version_order text collate "C"
)

table dead_letter_decisions (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  decision text not null,
  decided_by text not null,
  reason text,
  decided_at timestamp with time zone not null default clock_timestamp()
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
  dead_at timestamp with time zone not null default clock_timestamp(),
  part integer,
  holder integer,
  context jsonb not null default '{}'::jsonb,
  processed text[] not null default '{}'::text[],
  deaths integer not null default 1,
  earlier_letter text collate "C"
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
  error text,
  letter jsonb
)

table embedding_inputs (
  ingested_at timestamp with time zone not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  input_hash bytea not null
)

table embedding_models (
  model text collate "C" not null,
  dimensions integer not null,
  created_at timestamp with time zone not null default clock_timestamp()
)

table embeddings (
  input_hash bytea not null,
  model text collate "C" not null,
  dimensions integer not null,
  vector real[] not null storage e,
  created_at timestamp with time zone not null default clock_timestamp()
)

view event_embeddings (
  source text collate "C",
  event_id text collate "C",
  ingested_at timestamp with time zone,
  type text collate "C",
  input_hash bytea,
  asked_model text,
  error text,
  model text collate "C",
  dimensions integer,
  vector real[],
  created_at timestamp with time zone
)

table event_hashes (
  hash bytea not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  ingested_at timestamp with time zone not null
)

view event_metadata (
  source text collate "C",
  event_id text collate "C",
  ingested_at timestamp with time zone,
  source_type text collate "C",
  type text collate "C",
  time timestamp with time zone,
  unix_ms bigint,
  age interval,
  host text,
  run_id text,
  workflow_id text,
  epoch integer,
  page integer,
  ordinal integer,
  trace_parent text,
  parent_id text,
  correlation_id text
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
  raw bytea,
  entity text collate "C",
  version text collate "C",
  version_order text collate "C"
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
  raw bytea,
  entity text collate "C",
  version text collate "C",
  version_order text collate "C"
)

table express_heads (
  source text collate "C" not null,
  links bigint not null default 0,
  chain bytea
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
  git_commit text collate "C",
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
  sha text collate "C",
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
  commit text collate "C",
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

view git_ref_changes (
  source text collate "C",
  ref text,
  ref_bytes bytea,
  change text collate "C",
  from_sha text,
  to_sha text,
  commit text,
  branch text,
  commits bigint,
  is_first boolean,
  sequence bigint,
  time timestamp with time zone,
  until_time timestamp with time zone,
  flags text[],
  event_id text collate "C",
  ingested_at timestamp with time zone
)

view git_ref_history (
  source text collate "C",
  ref text,
  ref_bytes bytea,
  sha text,
  commit text,
  branch text,
  from_time timestamp with time zone,
  until_time timestamp with time zone,
  sequence bigint,
  event_id text collate "C"
)

view git_ref_rewrites (
  source text collate "C",
  ref text,
  from_sha text,
  to_sha text,
  merge_base text,
  lost_count bigint,
  new_count bigint,
  lost text[],
  new text[],
  is_truncated boolean,
  pairs jsonb,
  pairs_skipped text,
  sequence bigint,
  time timestamp with time zone,
  flags text[],
  event_id text collate "C",
  ingested_at timestamp with time zone
)

view git_refs (
  source text collate "C",
  ref text,
  ref_bytes bytea,
  sha text,
  commit text,
  branch text,
  since timestamp with time zone,
  sequence bigint,
  event_id text collate "C"
)

view git_symbol_changes (
  source text collate "C",
  symbol_name text,
  symbol_type text,
  header text,
  file_path text,
  change text,
  language text,
  git_commit text collate "C",
  commit_time timestamp with time zone,
  event_id text collate "C",
  ingested_at timestamp with time zone
)

view git_tags (
  source text collate "C",
  tag text,
  ref text,
  ref_bytes bytea,
  sha text,
  commit text,
  target text,
  target_type text,
  is_annotated boolean,
  tagger_name text,
  tagger_email text,
  tagger_time timestamp with time zone,
  message text,
  message_bytes bytea,
  since timestamp with time zone,
  sequence bigint,
  flags text[],
  event_id text collate "C"
)

view git_unreachable_commits (
  source text collate "C",
  commit text collate "C",
  ref text,
  since timestamp with time zone,
  sequence bigint,
  event_id text collate "C"
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
  committed_at timestamp with time zone not null default clock_timestamp(),
  measures jsonb,
  remapped integer not null default 0
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
  raw bytea not null storage e,
  streams jsonb,
  queue text collate "C",
  queue_keys text[],
  mapper_version integer
)

table row_changes (
  source text collate "C" not null,
  number bigint not null,
  relation text collate "C" not null,
  key text collate "C" not null,
  digest bytea
)

view run_processors (
  source text collate "C",
  epoch integer,
  run_id text,
  processor text,
  processed numeric,
  skipped numeric,
  failed numeric,
  retried numeric,
  ms numeric,
  mean_us numeric
)

view run_stages (
  source text collate "C",
  epoch integer,
  run_id text,
  stage text,
  pages bigint,
  events_in numeric,
  events_out numeric,
  ms numeric
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
  error text,
  problems jsonb,
  options jsonb,
  settings jsonb,
  changed jsonb,
  totals_before jsonb,
  worked_ms bigint not null default 0
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
  updated_at timestamp with time zone not null default now(),
  links bigint not null default 0,
  chain bytea
)

table source_pauses (
  source text collate "C" not null,
  reason text,
  until timestamp with time zone,
  paused_by text,
  paused_at timestamp with time zone not null default now()
)

table source_removals (
  source text collate "C" not null,
  type text not null,
  origin text not null,
  events bigint not null,
  removed_by text not null,
  began_at timestamp with time zone not null default clock_timestamp(),
  removed_at timestamp with time zone
)

table source_state (
  source text collate "C" not null,
  kind text collate "C" not null,
  key text collate "C" not null,
  value jsonb not null,
  whole_key text collate "C"
)

view source_streams (
  source text collate "C",
  stream text collate "C",
  state text,
  code text,
  message text,
  until timestamp with time zone,
  since timestamp with time zone,
  records bigint,
  position jsonb
)

table source_waits (
  source text collate "C" not null,
  state text not null,
  code text not null,
  message text not null,
  until timestamp with time zone not null,
  since timestamp with time zone not null default now(),
  times integer not null default 1
)

table sources (
  id text collate "C" not null,
  type text collate "C" not null,
  options jsonb not null,
  origin text not null,
  identity_version integer not null,
  canonicaliser_version integer not null,
  created_at timestamp with time zone not null default now(),
  settings jsonb not null default '{}'::jsonb,
  removal text,
  removed_at timestamp with time zone
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

table workers (
  id uuid not null,
  host text not null,
  pid integer not null,
  task_queue text not null,
  version text not null,
  started_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  sources text[] not null,
  stages text[] not null,
  processors text[] not null,
  settings jsonb not null
)

-- Constraints

access_tokens: access_tokens_digest_check CHECK ((length(digest) = 32))

access_tokens: access_tokens_digest_key UNIQUE (digest)

access_tokens: access_tokens_pkey PRIMARY KEY (name)

access_tokens: access_tokens_scopes_check CHECK (((scopes <@ ARRAY['push'::text, 'read'::text, 'operate'::text, 'admin'::text]) AND (scopes <> '{}'::text[])))

access_tokens: who_revokes_is_named CHECK (((revoked_at IS NULL) = (revoked_by IS NULL)))

chain_links: a_page_is_named CHECK (((kind = 'page'::text) = (seq IS NOT NULL)))

chain_links: chain_links_kind_check CHECK ((kind = ANY (ARRAY['base'::text, 'page'::text, 'decision'::text, 'reset'::text])))

chain_links: chain_links_pkey PRIMARY KEY (source, number)

chain_links: chain_links_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE

commits: commits_number_key UNIQUE (number)

commits: commits_pkey PRIMARY KEY (id)

dead_letter_decisions: dead_letter_decisions_decision_check CHECK ((decision = ANY (ARRAY['redriven'::text, 'discarded'::text])))

dead_letter_decisions: dead_letter_decisions_pkey PRIMARY KEY (source, epoch, page, ordinal, decision)

dead_letter_decisions: dead_letter_decisions_source_epoch_page_ordinal_fkey FOREIGN KEY (source, epoch, page, ordinal) REFERENCES dead_letters(source, epoch, page, ordinal)

dead_letter_decisions: who_discards_says_why CHECK (((decision <> 'discarded'::text) OR (reason IS NOT NULL)))

dead_letters: dead_letters_pkey PRIMARY KEY (source, epoch, page, ordinal)

dead_letters: dead_letters_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

deferred: deferred_pkey PRIMARY KEY (source, epoch, page, ordinal)

deferred: deferred_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

embedding_inputs: embedding_inputs_pkey PRIMARY KEY (ingested_at, source, event_id, input_hash)

embedding_models: embedding_models_dimensions_check CHECK ((dimensions > 0))

embedding_models: embedding_models_model_dimensions_key UNIQUE (model, dimensions)

embedding_models: embedding_models_pkey PRIMARY KEY (model)

embeddings: embeddings_check CHECK (((array_ndims(vector) = 1) AND (cardinality(vector) = dimensions)))

embeddings: embeddings_model_dimensions_fkey FOREIGN KEY (model, dimensions) REFERENCES embedding_models(model, dimensions)

embeddings: embeddings_pkey PRIMARY KEY (input_hash, model)

event_hashes: event_hashes_pkey PRIMARY KEY (hash)

events: a_version_is_whole CHECK ((num_nulls(entity, version, version_order) = ANY (ARRAY[0, 3])))

events: events_pkey PRIMARY KEY (ingested_at, source, id)

express_heads: express_heads_pkey PRIMARY KEY (source)

express_heads: express_heads_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE

ledger: every_event_is_accounted_for CHECK (((fetched = ((((((inserted + duplicate) + existing) + suppressed) + removed) + deferred) + dead)) AND (LEAST(fetched, inserted, duplicate, existing, suppressed, removed, deferred, dead) >= 0)))

ledger: ledger_pkey PRIMARY KEY (source, epoch, seq)

ledger: ledger_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

ledger: what_comes_back_is_a_page_of_its_own CHECK ((((remapped >= 0) AND (remapped <= redriven)) AND ((recounted >= 0) AND (recounted <= (redriven - remapped))) AND ((remapped > 0) OR ((redriven = 0) OR (redriven = fetched))) AND (fetched >= (redriven - remapped))))

outbox: outbox_pkey PRIMARY KEY (id)

outbox: outbox_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

pages: a_queue_is_named CHECK (((queue IS NOT NULL) OR ((resume_stage IS NULL) AND (queue_keys IS NULL))))

pages: pages_pkey PRIMARY KEY (source, epoch, seq)

pages: pages_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

row_changes: row_changes_pkey PRIMARY KEY (source, number, relation, key)

runs: runs_pkey PRIMARY KEY (source, epoch)

runs: runs_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

schema_migrations: schema_migrations_pkey PRIMARY KEY (version)

source_cursors: source_cursors_pkey PRIMARY KEY (source)

source_cursors: source_cursors_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

source_pauses: source_pauses_pkey PRIMARY KEY (source)

source_pauses: source_pauses_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE

source_state: source_state_pkey PRIMARY KEY (source, kind, key)

source_state: source_state_source_fkey FOREIGN KEY (source) REFERENCES sources(id)

source_waits: source_waits_pkey PRIMARY KEY (source)

source_waits: source_waits_source_fkey FOREIGN KEY (source) REFERENCES sources(id) ON DELETE CASCADE

source_waits: source_waits_state_check CHECK ((state = ANY (ARRAY['rate_limited'::text, 'needs_attention'::text])))

sources: sources_pkey PRIMARY KEY (id)

sources: sources_removal_check CHECK ((removal = ANY (ARRAY['keep'::text, 'delete'::text])))

sources: what_is_removed_says_how CHECK (((removed_at IS NULL) OR (removal = 'keep'::text)))

stage_outputs: stage_outputs_answer_check CHECK ((answer = ANY (ARRAY['advance'::text, 'remove'::text, 'defer'::text])))

stage_outputs: stage_outputs_pkey PRIMARY KEY (source, epoch, page, stage, ordinal)

workers: workers_pkey PRIMARY KEY (id)

-- Indexes

CREATE INDEX commits_unnumbered ON public.commits USING btree (id) WHERE (number IS NULL)

CREATE INDEX dead_letters_by_earlier ON public.dead_letters USING btree (source, earlier_letter) WHERE (earlier_letter IS NOT NULL)

CREATE INDEX deferred_due ON public.deferred USING btree (source, next_at)

CREATE INDEX embedding_inputs_by_hash ON public.embedding_inputs USING btree (input_hash)

CREATE INDEX events_by_author ON ONLY public.events USING gin (author_words(data)) WHERE (type = 'git.commit'::text)

CREATE INDEX events_by_commit ON ONLY public.events USING btree (COALESCE(entity, id)) WHERE (type = 'git.commit'::text)

CREATE INDEX events_by_entity ON ONLY public.events USING btree (source, entity, version_order, epoch, page, ordinal) WHERE (entity IS NOT NULL)

CREATE INDEX events_by_path ON ONLY public.events USING btree ("left"((data ->> 'path'::text), 512) COLLATE "C") WHERE (type = 'git.file_change'::text)

CREATE INDEX events_by_source_type_time ON ONLY public.events USING btree (source, type, "time")

CREATE INDEX events_by_type_time ON ONLY public.events USING btree (type, "time")

CREATE INDEX events_by_words ON ONLY public.events USING gin (event_words(data)) WHERE (data ?| ARRAY['message'::text, 'title'::text, 'subject'::text, 'body'::text, 'text'::text])

CREATE INDEX events_incomplete ON ONLY public.events USING btree (source, type) WHERE (flags @> '{missing_object}'::text[])

CREATE INDEX events_urgent ON ONLY public.events USING btree ("time") WHERE (priority >= 3)

CREATE INDEX git_changes_by_commit ON ONLY public.events USING btree (((data ->> 'commit'::text)) COLLATE "C") WHERE (type = 'git.file_change'::text)

CREATE INDEX git_changes_by_path ON ONLY public.events USING hash (((data ->> 'path'::text))) WHERE (type = 'git.file_change'::text)

CREATE INDEX git_changes_by_symbol ON ONLY public.events USING gin (git_symbol_names(data)) WHERE ((type = 'git.file_change'::text) AND (data ? 'symbols'::text))

CREATE INDEX git_commits_by_author ON ONLY public.events USING hash ((((data -> 'author'::text) ->> 'email'::text))) WHERE (type = 'git.commit'::text)

CREATE INDEX pages_by_age ON public.pages USING btree (fetched_at)

CREATE INDEX runs_by_chain ON public.runs USING btree (source, first_run_id, epoch)

CREATE INDEX runs_by_run_id ON public.runs USING btree (run_id)

CREATE UNIQUE INDEX access_tokens_digest_key ON public.access_tokens USING btree (digest)

CREATE UNIQUE INDEX access_tokens_pkey ON public.access_tokens USING btree (name)

CREATE UNIQUE INDEX chain_links_pkey ON public.chain_links USING btree (source, number)

CREATE UNIQUE INDEX commits_number_key ON public.commits USING btree (number)

CREATE UNIQUE INDEX commits_pkey ON public.commits USING btree (id)

CREATE UNIQUE INDEX dead_letter_decisions_pkey ON public.dead_letter_decisions USING btree (source, epoch, page, ordinal, decision)

CREATE UNIQUE INDEX dead_letters_pkey ON public.dead_letters USING btree (source, epoch, page, ordinal)

CREATE UNIQUE INDEX deferred_pkey ON public.deferred USING btree (source, epoch, page, ordinal)

CREATE UNIQUE INDEX embedding_inputs_pkey ON public.embedding_inputs USING btree (ingested_at, source, event_id, input_hash)

CREATE UNIQUE INDEX embedding_models_model_dimensions_key ON public.embedding_models USING btree (model, dimensions)

CREATE UNIQUE INDEX embedding_models_pkey ON public.embedding_models USING btree (model)

CREATE UNIQUE INDEX embeddings_pkey ON public.embeddings USING btree (input_hash, model)

CREATE UNIQUE INDEX event_hashes_pkey ON public.event_hashes USING btree (hash)

CREATE UNIQUE INDEX events_pkey ON ONLY public.events USING btree (ingested_at, source, id)

CREATE UNIQUE INDEX express_heads_pkey ON public.express_heads USING btree (source)

CREATE UNIQUE INDEX ledger_pkey ON public.ledger USING btree (source, epoch, seq)

CREATE UNIQUE INDEX outbox_pkey ON public.outbox USING btree (id)

CREATE UNIQUE INDEX pages_pkey ON public.pages USING btree (source, epoch, seq)

CREATE UNIQUE INDEX row_changes_pkey ON public.row_changes USING btree (source, number, relation, key)

CREATE UNIQUE INDEX runs_pkey ON public.runs USING btree (source, epoch)

CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version)

CREATE UNIQUE INDEX source_cursors_pkey ON public.source_cursors USING btree (source)

CREATE UNIQUE INDEX source_pauses_pkey ON public.source_pauses USING btree (source)

CREATE UNIQUE INDEX source_removals_under_way ON public.source_removals USING btree (source) WHERE (removed_at IS NULL)

CREATE UNIQUE INDEX source_state_pkey ON public.source_state USING btree (source, kind, key)

CREATE UNIQUE INDEX source_waits_pkey ON public.source_waits USING btree (source)

CREATE UNIQUE INDEX sources_pkey ON public.sources USING btree (id)

CREATE UNIQUE INDEX stage_outputs_pkey ON public.stage_outputs USING btree (source, epoch, page, stage, ordinal)

CREATE UNIQUE INDEX workers_pkey ON public.workers USING btree (id)

-- Sequences

commit_numbers

commits_id_seq

outbox_id_seq

recent_hash_clearings

-- View definitions

current_events as
 SELECT ingested_at,
    source,
    id,
    type,
    subject,
    "time",
    priority,
    content_hash,
    epoch,
    page,
    ordinal,
    flags,
    data,
    enrichment,
    raw,
    entity,
    version,
    version_order
   FROM events e
  WHERE ((entity IS NOT NULL) AND (NOT COALESCE((flags @> '{deleted}'::text[]), false)) AND (NOT (EXISTS ( SELECT
           FROM events n
          WHERE ((n.source = e.source) AND (n.entity = e.entity) AND (ROW(n.version_order, n.epoch, n.page, n.ordinal) > ROW(e.version_order, e.epoch, e.page, e.ordinal)))))));

event_embeddings as
 WITH inputs AS (
         SELECT events.ingested_at,
            events.source,
            events.id AS event_id,
            events.type,
            decode(((events.enrichment -> 'embedding'::text) ->> 'input'::text), 'hex'::text) AS input_hash,
            ((events.enrichment -> 'embedding'::text) ->> 'model'::text) AS asked_model,
            ((events.enrichment -> 'embedding'::text) ->> 'error'::text) AS error
           FROM events
          WHERE (events.enrichment ? 'embedding'::text)
        UNION ALL
         SELECT i_1.ingested_at,
            i_1.source,
            i_1.event_id,
            e.type,
            i_1.input_hash,
            NULL::text,
            NULL::text
           FROM (embedding_inputs i_1
             JOIN events e ON (((e.ingested_at = i_1.ingested_at) AND (e.source = i_1.source) AND (e.id = i_1.event_id))))
        )
 SELECT i.source,
    i.event_id,
    i.ingested_at,
    i.type,
    i.input_hash,
    i.asked_model,
    i.error,
    v.model,
    v.dimensions,
    v.vector,
    v.created_at
   FROM (inputs i
     LEFT JOIN embeddings v USING (input_hash));

event_metadata as
 SELECT e.source,
    e.id AS event_id,
    e.ingested_at,
    s.type AS source_type,
    e.type,
    e."time",
    ((EXTRACT(epoch FROM e."time") * (1000)::numeric))::bigint AS unix_ms,
    (e.ingested_at - e."time") AS age,
    ((e.enrichment -> 'metadata'::text) ->> 'host'::text) AS host,
    r.run_id,
    r.workflow_id,
    e.epoch,
    e.page,
    e.ordinal,
    ((e.enrichment -> 'metadata'::text) ->> 'traceParent'::text) AS trace_parent,
    ((e.enrichment -> 'metadata'::text) ->> 'parentId'::text) AS parent_id,
    ((e.enrichment -> 'metadata'::text) ->> 'correlationId'::text) AS correlation_id
   FROM ((events e
     LEFT JOIN sources s ON ((s.id = e.source)))
     LEFT JOIN runs r ON (((r.source = e.source) AND (r.epoch = e.epoch))));

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
    ((f.data ->> 'commit'::text) COLLATE "C") AS git_commit,
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
          WHERE ((events.type = 'git.commit'::text) AND (COALESCE(events.entity, events.id) = ((f.data ->> 'commit'::text) COLLATE "C")) AND (events.source = f.source))
          ORDER BY events.version_order DESC NULLS LAST
         LIMIT 1) c ON (true))
  WHERE ((f.type = 'git.file_change'::text) AND (COALESCE((NOT (f.flags @> '{missing_object}'::text[])), true) OR (NOT has_later_version(f.source, COALESCE(f.entity, f.id), COALESCE(f.version_order, ''::text)))));

git_commits as
 SELECT source,
    COALESCE(entity, id) AS sha,
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
  WHERE ((type = 'git.commit'::text) AND (COALESCE((NOT (flags @> '{missing_object}'::text[])), true) OR (NOT has_later_version(source, COALESCE(entity, id), COALESCE(version_order, ''::text)))));

git_file_changes as
 SELECT source,
    ((data ->> 'commit'::text) COLLATE "C") AS commit,
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
  WHERE ((type = 'git.file_change'::text) AND (COALESCE((NOT (flags @> '{missing_object}'::text[])), true) OR (NOT has_later_version(source, COALESCE(entity, id), COALESCE(version_order, ''::text)))));

git_ref_changes as
 SELECT source,
    (data ->> 'ref'::text) AS ref,
    decode((data ->> 'refBytes'::text), 'base64'::text) AS ref_bytes,
    SUBSTRING(type FROM 5) AS change,
        CASE
            WHEN (type <> 'git.default_branch_changed'::text) THEN (data ->> 'from'::text)
            ELSE NULL::text
        END AS from_sha,
    (data ->>
        CASE
            WHEN (type = 'git.default_branch_changed'::text) THEN 'commit'::text
            ELSE 'to'::text
        END) AS to_sha,
    (data ->> 'commit'::text) AS commit,
        CASE
            WHEN (type = 'git.default_branch_changed'::text) THEN (data ->> 'to'::text)
            ELSE (data ->> 'branch'::text)
        END AS branch,
    ((data ->> 'commits'::text))::bigint AS commits,
    COALESCE(((data ->> 'first'::text))::boolean, false) AS is_first,
    ((data ->> 'sequence'::text))::bigint AS sequence,
    "time",
    lead("time") OVER (PARTITION BY source, (data ->> 'ref'::text) ORDER BY ((data ->> 'sequence'::text))::bigint, "time") AS until_time,
    flags,
    id AS event_id,
    ingested_at
   FROM events
  WHERE (type = ANY (ARRAY['git.ref_created'::text, 'git.ref_moved'::text, 'git.ref_rewritten'::text, 'git.ref_deleted'::text, 'git.tag_created'::text, 'git.tag_moved'::text, 'git.tag_deleted'::text, 'git.default_branch_changed'::text]));

git_ref_history as
 SELECT own.source,
    own.ref,
    own.ref_bytes,
    own.to_sha AS sha,
    own.commit,
    own.branch,
    own."time" AS from_time,
    own.until_time,
    own.sequence,
    own.event_id
   FROM git_ref_changes own
  WHERE ((own.to_sha IS NOT NULL) AND ((own.branch IS NULL) OR (NOT (EXISTS ( SELECT
           FROM git_ref_changes other
          WHERE ((other.source = own.source) AND (other.ref = own.branch)))))))
UNION ALL
 SELECT head.source,
    head.ref,
    head.ref_bytes,
    other.to_sha AS sha,
    other.commit,
    head.branch,
    GREATEST(head."time", other."time") AS from_time,
    LEAST(head.until_time, other.until_time) AS until_time,
    GREATEST(head.sequence, other.sequence) AS sequence,
        CASE
            WHEN (head.sequence > other.sequence) THEN head.event_id
            ELSE other.event_id
        END AS event_id
   FROM (git_ref_changes head
     JOIN git_ref_changes other ON (((other.source = head.source) AND (other.ref = head.branch))))
  WHERE ((other.to_sha IS NOT NULL) AND ((head.until_time IS NULL) OR (other."time" < head.until_time)) AND ((other.until_time IS NULL) OR (head."time" < other.until_time)));

git_ref_rewrites as
 SELECT source,
    (data ->> 'ref'::text) AS ref,
    (data ->> 'from'::text) AS from_sha,
    (data ->> 'to'::text) AS to_sha,
    (data ->> 'mergeBase'::text) AS merge_base,
    ((data ->> 'lostCount'::text))::bigint AS lost_count,
    ((data ->> 'newCount'::text))::bigint AS new_count,
    ARRAY( SELECT jsonb_array_elements_text((events.data -> 'lost'::text)) AS jsonb_array_elements_text) AS lost,
    ARRAY( SELECT jsonb_array_elements_text((events.data -> 'new'::text)) AS jsonb_array_elements_text) AS new,
    ((data ->> 'truncated'::text))::boolean AS is_truncated,
    (data -> 'pairs'::text) AS pairs,
    (data ->> 'pairsSkipped'::text) AS pairs_skipped,
    ((data ->> 'sequence'::text))::bigint AS sequence,
    "time",
    flags,
    id AS event_id,
    ingested_at
   FROM events
  WHERE (type = 'git.ref_rewritten'::text);

git_refs as
 SELECT source,
    ref,
    ref_bytes,
    sha,
    commit,
    branch,
    from_time AS since,
    sequence,
    event_id
   FROM git_ref_history
  WHERE (until_time IS NULL);

git_symbol_changes as
 SELECT e.source,
    (s.symbol ->> 'name'::text) AS symbol_name,
    (s.symbol ->> 'type'::text) AS symbol_type,
    (s.symbol ->> 'text'::text) AS header,
    (e.data ->> 'path'::text) AS file_path,
    (e.data ->> 'change'::text) AS change,
    (e.data ->> 'language'::text) AS language,
    ((e.data ->> 'commit'::text) COLLATE "C") AS git_commit,
    e."time" AS commit_time,
    e.id AS event_id,
    e.ingested_at
   FROM (events e
     CROSS JOIN LATERAL jsonb_array_elements((e.data -> 'symbols'::text)) s(symbol))
  WHERE ((e.type = 'git.file_change'::text) AND (e.data ? 'symbols'::text));

git_tags as
 SELECT source,
    tag,
    ref,
    ref_bytes,
    sha,
    commit,
    target,
    target_type,
    is_annotated,
    tagger_name,
    tagger_email,
    tagger_time,
    message,
    message_bytes,
    since,
    sequence,
    flags,
    event_id
   FROM ( SELECT events.source,
            (events.data ->> 'tag'::text) AS tag,
            (events.data ->> 'ref'::text) AS ref,
            decode((events.data ->> 'refBytes'::text), 'base64'::text) AS ref_bytes,
            (events.data ->> 'to'::text) AS sha,
            (events.data ->> 'commit'::text) AS commit,
            (events.data ->> 'target'::text) AS target,
            (events.data ->> 'targetType'::text) AS target_type,
            ((events.data ->> 'annotated'::text))::boolean AS is_annotated,
            ((events.data -> 'tagger'::text) ->> 'name'::text) AS tagger_name,
            ((events.data -> 'tagger'::text) ->> 'email'::text) AS tagger_email,
            (((events.data -> 'tagger'::text) ->> 'time'::text))::timestamp with time zone AS tagger_time,
            (events.data ->> 'message'::text) AS message,
            decode((events.data ->> 'messageBytes'::text), 'base64'::text) AS message_bytes,
            events."time" AS since,
            ((events.data ->> 'sequence'::text))::bigint AS sequence,
            row_number() OVER (PARTITION BY events.source, (events.data ->> 'ref'::text) ORDER BY ((events.data ->> 'sequence'::text))::bigint DESC, events."time" DESC) AS age,
            events.flags,
            events.id AS event_id
           FROM events
          WHERE (events.type = ANY (ARRAY['git.tag_created'::text, 'git.tag_moved'::text, 'git.tag_deleted'::text]))) told
  WHERE ((age = 1) AND (sha IS NOT NULL));

git_unreachable_commits as
 SELECT source,
    commit,
    ref,
    since,
    sequence,
    event_id
   FROM ( SELECT events.source,
            events.subject AS commit,
            (events.data ->> 'ref'::text) AS ref,
            events."time" AS since,
            ((events.data ->> 'sequence'::text))::bigint AS sequence,
            events.type,
            row_number() OVER (PARTITION BY events.source, events.subject ORDER BY ((events.data ->> 'sequence'::text))::bigint DESC, events."time" DESC) AS age,
            events.id AS event_id
           FROM events
          WHERE (events.type = ANY (ARRAY['git.commit_unreachable'::text, 'git.commit_reachable'::text]))) told
  WHERE ((age = 1) AND (type = 'git.commit_unreachable'::text));

run_processors as
 SELECT l.source,
    l.epoch,
    r.run_id,
    p.key AS processor,
    sum(((p.value ->> 'processed'::text))::bigint) AS processed,
    sum(((p.value ->> 'skipped'::text))::bigint) AS skipped,
    sum(((p.value ->> 'failed'::text))::bigint) AS failed,
    sum(((p.value ->> 'retried'::text))::bigint) AS retried,
    sum(((p.value ->> 'ms'::text))::numeric) AS ms,
    (((1000)::numeric * sum(((p.value ->> 'ms'::text))::numeric)) / NULLIF(sum(((p.value ->> 'processed'::text))::bigint), (0)::numeric)) AS mean_us
   FROM ((ledger l
     JOIN runs r USING (source, epoch))
     CROSS JOIN LATERAL jsonb_each(((l.measures -> 'enrich'::text) -> 'processors'::text)) p(key, value))
  GROUP BY l.source, l.epoch, r.run_id, p.key;

run_stages as
 SELECT l.source,
    l.epoch,
    r.run_id,
    m.key AS stage,
    count(*) AS pages,
    sum(((m.value ->> 'in'::text))::bigint) AS events_in,
    sum(((m.value ->> 'out'::text))::bigint) AS events_out,
    sum(((m.value ->> 'ms'::text))::numeric) AS ms
   FROM ((ledger l
     JOIN runs r USING (source, epoch))
     CROSS JOIN LATERAL jsonb_each(l.measures) m(key, value))
  GROUP BY l.source, l.epoch, r.run_id, m.key;

source_streams as
 SELECT source,
    key AS stream,
    (value ->> 'state'::text) AS state,
    (value ->> 'code'::text) AS code,
    (value ->> 'message'::text) AS message,
    ((value ->> 'until'::text))::timestamp with time zone AS until,
    ((value ->> 'since'::text))::timestamp with time zone AS since,
    ((value ->> 'records'::text))::bigint AS records,
    (value -> 'position'::text) AS "position"
   FROM source_state
  WHERE (kind = 'stream'::text);

-- Functions

CREATE OR REPLACE FUNCTION public.author_words(data jsonb)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('simple'::regconfig, "left"(concat_ws(' '::text, ((data -> 'author'::text) ->> 'name'::text), ((data -> 'author'::text) ->> 'email'::text)), 400))

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

CREATE OR REPLACE FUNCTION public.event_instant(given text)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return given::timestamptz;
exception when others then
  return null;
end $function$

CREATE OR REPLACE FUNCTION public.event_words(data jsonb)
 RETURNS tsvector
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('simple'::regconfig, "left"(COALESCE((data ->> 'message'::text), concat_ws(' '::text, (data ->> 'title'::text), (data ->> 'subject'::text), (data ->> 'body'::text), (data ->> 'text'::text))), 8000))

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
    select * from git_code_changes where git_commit = coalesce(c.entity, c.id) and source = c.source offset 0
  ) changes
  where c.type = 'git.commit' and c.data -> 'author' ->> 'email' = git_author_history.email
    -- An earlier version of it may name the same author.
    and (coalesce(not c.flags @> '{missing_object}', true)
      or not has_later_version(c.source, coalesce(c.entity, c.id), coalesce(c.version_order, '')))
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

CREATE OR REPLACE FUNCTION public.has_later_version(of_source text, of_entity text, than text)
 RETURNS boolean
 LANGUAGE sql
 STABLE PARALLEL SAFE
RETURN (EXISTS (SELECT FROM events WHERE ((events.source = has_later_version.of_source) AND (events.entity = has_later_version.of_entity) AND (events.version_order > has_later_version.than))))

CREATE OR REPLACE FUNCTION public.refused_events(the_source text, the_epoch integer, the_page integer, the_ingested_at timestamp with time zone, the_keys bytea[], the_ordinals bytea[], types bytea[], ids bytea[], subjects bytea[], times bytea[], priorities bytea[], content_hashes bytea[], the_flags bytea[], raws bytea[], datas bytea[], enrichments bytea[], entities bytea[], versions bytea[], version_orders bytea[])
 RETURNS TABLE(at integer, code text, error text)
 LANGUAGE plpgsql
AS $function$
declare
  one record;
begin
  for one in
    select *
      from unnest(the_keys, the_ordinals, types, ids, subjects, times, priorities, content_hashes, the_flags, raws, datas, enrichments,
                  entities, versions, version_orders)
      with ordinality as e(key, ordinal, type, id, subject, time, priority, content_hash, flags, raw, data, enrichment,
                           entity, version, version_order, number)
  loop
    begin
      insert into event_hashes (hash, source, event_id, ingested_at)
      values (decode(convert_from(one.key, 'UTF8'), 'hex'), the_source, convert_from(one.id, 'UTF8'), the_ingested_at)
      on conflict (hash) do nothing;
      -- A known event is not stored, so nothing can refuse it.
      continue when not found;
      insert into events (ingested_at, source, epoch, page, type, id, subject, time, priority, content_hash, ordinal, flags, raw, data,
                          enrichment, entity, version, version_order)
      values (
        the_ingested_at, the_source, the_epoch, the_page, convert_from(one.type, 'UTF8'), convert_from(one.id, 'UTF8'),
        convert_from(one.subject, 'UTF8'), convert_from(one.time, 'UTF8')::timestamptz, convert_from(one.priority, 'UTF8')::smallint,
        convert_from(one.content_hash, 'UTF8')::bytea, convert_from(one.ordinal, 'UTF8')::integer, convert_from(one.flags, 'UTF8')::text[],
        one.raw, convert_from(one.data, 'UTF8')::jsonb, convert_from(one.enrichment, 'UTF8')::jsonb,
        convert_from(one.entity, 'UTF8'), convert_from(one.version, 'UTF8'), convert_from(one.version_order, 'UTF8')
      );
    exception when others then
      if left(sqlstate, 2) not in ('22', '54') then raise; end if;
      at := one.number - 1;
      code := sqlstate;
      error := sqlerrm;
      return next;
    end;
  end loop;
end $function$

-- Rights of tributary_worker

access_tokens: select

chain_links: insert, select

commits: insert, select, update

current_events: select

dead_letter_decisions: select

dead_letters: insert, select

deferred: delete, insert, select, update

embedding_inputs: insert, select

embedding_models: insert, select

embeddings: insert, select

event_embeddings: select

event_hashes: insert, select

event_metadata: select

events: insert, select

events_default: insert, select

express_heads: insert, select, update

git_code_changes: select

git_commits: select

git_file_changes: select

git_ref_changes: select

git_ref_history: select

git_ref_rewrites: select

git_refs: select

git_symbol_changes: select

git_tags: select

git_unreachable_commits: select

ledger: insert, select

outbox: delete, insert, select

pages: delete, insert, select, update

row_changes: insert, select

run_processors: select

run_stages: select

runs: insert, select, update

schema_migrations: insert, select

source_cursors: insert, select, update

source_pauses: delete, insert, select, update

source_removals: select

source_state: delete, insert, select, update

source_streams: select

source_waits: delete, insert, select, update

sources: insert, select, update

stage_outputs: delete, insert, select, update

workers: delete, insert, select, update
