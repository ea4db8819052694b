-- Embeddings: vectors by what they were made from, so that no text is sent twice; and what each stage did with a page.

-- A model and the length of its vectors. A model that changes it under the same name is another model: it is refused.
create table embedding_models (
  model text collate "C" primary key,
  dimensions integer not null check (dimensions > 0),
  created_at timestamptz not null default clock_timestamp(),
  unique (model, dimensions)
);

-- One vector for one text and model, whichever events have that text. `input_hash`: sha256 of the text. real[] and not
-- bytea, so that SQL can reckon with it, and `vector::vector` is pgvector's where that is installed.
create table embeddings (
  input_hash bytea not null,
  model text collate "C" not null,
  dimensions integer not null,
  vector real[] not null check (array_ndims(vector) = 1 and cardinality(vector) = dimensions),
  created_at timestamptz not null default clock_timestamp(),
  primary key (input_hash, model),
  foreign key (model, dimensions) references embedding_models (model, dimensions)
);
-- Floats do not compress; trying costs.
alter table embeddings alter column vector set storage external;

-- Texts of events that were stored before there was an endpoint, or with other fields as their text: `tributary embed` adds
-- them. Events are never changed.
create table embedding_inputs (
  ingested_at timestamptz not null,
  source text collate "C" not null,
  event_id text collate "C" not null,
  input_hash bytea not null,
  primary key (ingested_at, source, event_id, input_hash)
);

-- An event and its vectors, one row for each text and model that has one; `vector` is null where none has, and `error` says
-- why the stage could not make it when the event was stored.
create view event_embeddings as
with inputs as (
  select ingested_at, source, id as event_id, type, decode(enrichment -> 'embedding' ->> 'input', 'hex') as input_hash,
         enrichment -> 'embedding' ->> 'model' as asked_model, enrichment -> 'embedding' ->> 'error' as error
    from events where enrichment ? 'embedding'
  union all
  select i.ingested_at, i.source, i.event_id, e.type, i.input_hash, null, null
    from embedding_inputs i join events e on e.ingested_at = i.ingested_at and e.source = i.source and e.id = i.event_id
)
select i.source, i.event_id, i.ingested_at, i.type, i.input_hash, i.asked_model, i.error, v.model, v.dimensions, v.vector, v.created_at
from inputs i left join embeddings v using (input_hash);

-- What each stage did with the page: {"hash": {"in": 20000, "out": 20000, "ms": 84}, …}. One value a page, none an event.
alter table ledger add column measures jsonb;

create view run_stages as
select
  l.source,
  l.epoch,
  r.run_id,
  m.key as stage,
  count(*) as pages,
  sum((m.value ->> 'in')::bigint) as events_in,
  sum((m.value ->> 'out')::bigint) as events_out,
  sum((m.value ->> 'ms')::numeric) as ms
from ledger l
join runs r using (source, epoch)
cross join lateral jsonb_each(l.measures) m
group by l.source, l.epoch, r.run_id, m.key;

create view run_processors as
select
  l.source,
  l.epoch,
  r.run_id,
  p.key as processor,
  sum((p.value ->> 'processed')::bigint) as processed,
  sum((p.value ->> 'skipped')::bigint) as skipped,
  sum((p.value ->> 'failed')::bigint) as failed,
  sum((p.value ->> 'retried')::bigint) as retried,
  sum((p.value ->> 'ms')::numeric) as ms,
  1000 * sum((p.value ->> 'ms')::numeric) / nullif(sum((p.value ->> 'processed')::bigint), 0) as mean_us
from ledger l
join runs r using (source, epoch)
cross join lateral jsonb_each(l.measures -> 'enrich' -> 'processors') p
group by l.source, l.epoch, r.run_id, p.key;

-- All that is known of an event beside its data. What is a column is not repeated in each event's enrichment.
create view event_metadata as
select
  e.source,
  e.id as event_id,
  e.ingested_at,
  s.type as source_type,
  e.type,
  e.time,
  (extract(epoch from e.time) * 1000)::bigint as unix_ms,
  e.ingested_at - e.time as age,
  e.enrichment -> 'metadata' ->> 'host' as host,
  r.run_id,
  r.workflow_id,
  e.epoch,
  e.page,
  e.ordinal,
  e.enrichment -> 'metadata' ->> 'traceParent' as trace_parent,
  e.enrichment -> 'metadata' ->> 'parentId' as parent_id,
  e.enrichment -> 'metadata' ->> 'correlationId' as correlation_id
from events e
left join sources s on s.id = e.source
left join runs r on r.source = e.source and r.epoch = e.epoch;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select, insert on embedding_models, embeddings, embedding_inputs to tributary_worker;
    grant select on event_embeddings, run_stages, run_processors, event_metadata to tributary_worker;
  end if;
end $$;
