-- An event of something that changes names the thing (`entity`) and which state of it this is (`version`, as its origin has it).
-- `version_order` is the version as a text that sorts, by bytes, as the origin's versions follow each other. All null where
-- nothing changes. `version` is not unique in its entity: what changed without a new version has the same one.
alter table events
  add column entity text collate "C",
  add column version text collate "C",
  add column version_order text collate "C",
  add constraint a_version_is_whole check (num_nulls(entity, version, version_order) in (0, 3));

create index events_by_entity on events (source, entity, version_order, epoch, page, ordinal) where entity is not null;

-- What there is now of each entity: its newest version by the origin's order. Of events of the same version the one read last.
-- What its newest version says is deleted is not there. A condition on any column is looked up by that column's index.
create view current_events as
  select e.*
    from events e
   where e.entity is not null
     and not coalesce(e.flags @> '{deleted}', false)
     and not exists (
       select from events n
        where n.source = e.source and n.entity = e.entity
          and (n.version_order, n.epoch, n.page, n.ordinal) > (e.version_order, e.epoch, e.page, e.ordinal));

-- What decides which events are the same is pinned for a source. How records are mapped is not: it is noted with each page.
alter table sources rename column mapper_version to identity_version;
alter table pages add column mapper_version integer;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on current_events to tributary_worker;
  end if;
end $$;

drop function refused_events(
  text, integer, integer, timestamptz, bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[], bytea[]);

-- As before, with what names a version.
create function refused_events(
  the_source text, the_epoch integer, the_page integer, the_ingested_at timestamptz, the_keys bytea[], the_ordinals bytea[], types bytea[],
  ids bytea[], subjects bytea[], times bytea[], priorities bytea[], content_hashes bytea[], the_flags bytea[], raws bytea[], datas bytea[],
  enrichments bytea[], entities bytea[], versions bytea[], version_orders bytea[]
) returns table (at integer, code text, error text)
language plpgsql as $$
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
end $$;
