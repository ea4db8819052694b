-- Which of a page's events Postgres refuses (SQLSTATE class 22: data, 54: too large), in one round trip for a thousand of
-- them: each is stored as persist stores it, alone, so that no rule of Postgres has to be known beforehand. The caller rolls
-- back. Columns come as bytes of the text that COPY would be given: a NUL in a parameter would refuse them all.
create function refused_events(
  the_source text, the_epoch integer, the_page integer, the_ingested_at timestamptz, the_keys bytea[], the_ordinals bytea[], types bytea[],
  ids bytea[], subjects bytea[], times bytea[], priorities bytea[], content_hashes bytea[], the_flags bytea[], raws bytea[], datas bytea[],
  enrichments bytea[]
) returns table (at integer, code text, error text)
language plpgsql as $$
declare
  one record;
begin
  for one in
    select * from unnest(the_keys, the_ordinals, types, ids, subjects, times, priorities, content_hashes, the_flags, raws, datas, enrichments)
      with ordinality as e(key, ordinal, type, id, subject, time, priority, content_hash, flags, raw, data, enrichment, number)
  loop
    begin
      insert into event_hashes (hash, source, event_id, ingested_at)
      values (decode(convert_from(one.key, 'UTF8'), 'hex'), the_source, convert_from(one.id, 'UTF8'), the_ingested_at)
      on conflict (hash) do nothing;
      -- A known event is not stored, so nothing can refuse it.
      continue when not found;
      insert into events (ingested_at, source, epoch, page, type, id, subject, time, priority, content_hash, ordinal, flags, raw, data, enrichment)
      values (
        the_ingested_at, the_source, the_epoch, the_page, convert_from(one.type, 'UTF8'), convert_from(one.id, 'UTF8'),
        convert_from(one.subject, 'UTF8'), convert_from(one.time, 'UTF8')::timestamptz, convert_from(one.priority, 'UTF8')::smallint,
        convert_from(one.content_hash, 'UTF8')::bytea, convert_from(one.ordinal, 'UTF8')::integer, convert_from(one.flags, 'UTF8')::text[],
        one.raw, convert_from(one.data, 'UTF8')::jsonb, convert_from(one.enrichment, 'UTF8')::jsonb
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
