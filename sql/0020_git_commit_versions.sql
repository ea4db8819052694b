-- A commit that could not be read when it was met is stored with what is known of it, flagged `missing_object`; read again it comes
-- as a later version. In git's views only the later one is there, under the commit's id.

-- Holds only what is flagged: whether there is anything to read again is asked at each run.
create index events_incomplete on events (source, type) where flags @> '{missing_object}';

-- A version's id is `@key@version`; what it is a version of is its entity.
drop index events_by_commit;
create index events_by_commit on events (coalesce(entity, id)) where type = 'git.commit';

-- Asked only of what is flagged.
create function has_later_version(of_source text, of_entity text, than text) returns boolean
language sql stable parallel safe
return exists (select from events where source = of_source and entity = of_entity and version_order > than);

create or replace view git_commits as
select
  source,
  -- What an index has.
  coalesce(entity, id) as sha,
  data ->> 'tree' as tree,
  array(select jsonb_array_elements_text(data -> 'parents')) as parents,
  coalesce(jsonb_array_length(data -> 'parents'), 0) > 1 as is_merge,
  data -> 'author' ->> 'name' as author_name,
  data -> 'author' ->> 'email' as author_email,
  -- Text that Postgres's calendar may not hold is null in the data already.
  (data -> 'author' ->> 'time')::timestamptz as author_time,
  data -> 'committer' ->> 'name' as committer_name,
  data -> 'committer' ->> 'email' as committer_email,
  (data -> 'committer' ->> 'time')::timestamptz as committer_time,
  data ->> 'subject' as subject,
  data ->> 'message' as message,
  decode(data ->> 'messageBytes', 'base64') as message_bytes,
  (data -> 'stats' ->> 'files')::integer as files,
  (data -> 'stats' ->> 'additions')::bigint as additions,
  (data -> 'stats' ->> 'deletions')::bigint as deletions,
  data -> 'trailers' as trailers,
  flags,
  id as event_id,
  ingested_at
from events
where type = 'git.commit'
  and (coalesce(not flags @> '{missing_object}', true)
    or not has_later_version(source, coalesce(entity, id), coalesce(version_order, '')));

create or replace view git_file_changes as
select
  source,
  (data ->> 'commit') collate "C" as commit,
  data ->> 'path' as path,
  decode(data ->> 'pathBytes', 'base64') as path_bytes,
  data ->> 'oldPath' as old_path,
  data ->> 'change' as change,
  (data ->> 'additions')::bigint as additions,
  (data ->> 'deletions')::bigint as deletions,
  (data ->> 'binary')::boolean as is_binary,
  data ->> 'mode' as mode,
  data ->> 'language' as language,
  coalesce((data ->> 'merge')::boolean, false) as is_merge,
  time as commit_time,
  flags,
  id as event_id,
  ingested_at,
  data ->> 'patch' as patch,
  decode(data ->> 'patchBytes', 'base64') as patch_bytes,
  coalesce((data ->> 'patchTruncated')::boolean, false) as is_patch_truncated,
  (data ->> 'patchSize')::bigint as patch_size,
  decode(data ->> 'patchSha256', 'hex') as patch_sha256,
  data -> 'symbols' as symbols,
  data -> 'submodule' ->> 'old' as submodule_old,
  data -> 'submodule' ->> 'new' as submodule_new,
  data -> 'lfs' ->> 'oid' as lfs_oid,
  (data -> 'lfs' ->> 'size')::bigint as lfs_size
from events
where type = 'git.file_change'
  and (coalesce(not flags @> '{missing_object}', true)
    or not has_later_version(source, coalesce(entity, id), coalesce(version_order, '')));

-- As before, with the commit by its newest version.
create or replace view git_code_changes as
select
  f.source,
  'file_' || (f.data ->> 'change') as code_event_type,
  f.data ->> 'path' as file_path,
  f.data ->> 'oldPath' as old_file_path,
  f.data ->> 'language' as language,
  f.data ->> 'patch' as diff,
  f.data -> 'symbols' as symbols,
  (f.data ->> 'additions')::bigint as additions,
  (f.data ->> 'deletions')::bigint as deletions,
  (f.data ->> 'commit') collate "C" as git_commit,
  c.data -> 'author' ->> 'name' as git_author,
  c.data -> 'author' ->> 'email' as git_author_email,
  (c.data -> 'author' ->> 'time')::timestamptz as author_time,
  f.time as commit_time,
  c.data ->> 'subject' as commit_subject,
  s.origin as repository,
  f.id as event_id,
  f.ingested_at
from events f
join sources s on s.id = f.source
left join lateral (
  select data from events
   where type = 'git.commit' and coalesce(entity, id) = (f.data ->> 'commit') collate "C" and source = f.source
   order by version_order desc nulls last limit 1
) c on true
where f.type = 'git.file_change'
  and (coalesce(not f.flags @> '{missing_object}', true)
    or not has_later_version(f.source, coalesce(f.entity, f.id), coalesce(f.version_order, '')));

create or replace function git_author_history(email text) returns setof git_code_changes
language sql stable parallel safe as $$
  select changes.*
  from events c
  cross join lateral (
    select * from git_code_changes where git_commit = coalesce(c.entity, c.id) and source = c.source offset 0
  ) changes
  where c.type = 'git.commit' and c.data -> 'author' ->> 'email' = git_author_history.email
    -- An earlier version of it may name the same author.
    and (coalesce(not c.flags @> '{missing_object}', true)
      or not has_later_version(c.source, coalesce(c.entity, c.id), coalesce(c.version_order, '')))
$$;
