-- Git's events with real columns. Views over `events`: nothing is stored twice, and a new field needs no migration of data.
-- Fields with `…Bytes` (what was no UTF-8, in base64) come as bytea beside the readable text.

create view git_commits as
select
  source,
  -- The event's id, which an index has.
  id as sha,
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
where type = 'git.commit';

create view git_file_changes as
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
  ingested_at
from events
where type = 'git.file_change';

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on git_commits, git_file_changes to tributary_worker;
  end if;
end $$;
