-- Code as people ask for it: what happened to this file, to this function, by this author, in this commit.

-- The names in `symbols`, for the index of them and for views; immutable, as an index wants it.
create function git_symbol_names(data jsonb) returns text[]
language sql immutable strict parallel safe
return array(select jsonb_array_elements(data -> 'symbols') ->> 'name');

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
where type = 'git.file_change';

-- Requirement P9 in its own words: what happened to which file, by whom. `git_author` is the commit's. The commit is looked
-- up for each change: left to itself the planner, which has no statistics of a partial index, reads all commits there are.
create view git_code_changes as
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
  select data from events where type = 'git.commit' and id = (f.data ->> 'commit') collate "C" and source = f.source limit 1
) c on true
where f.type = 'git.file_change';

-- The rows of git_code_changes of one author, by the index: the view finds an author by the change, and not the other way.
create function git_author_history(email text) returns setof git_code_changes
language sql stable parallel safe as $$
  select changes.*
  from events c
  cross join lateral (
    select * from git_code_changes where git_commit = c.id and source = c.source offset 0
  ) changes
  where c.type = 'git.commit' and c.data -> 'author' ->> 'email' = git_author_history.email
$$;

-- A row for each symbol that a change of a file touches. `symbol_name` and `symbol_type` are null where git's header of the
-- hunk does not make plain what it names; `header` is that header then.
create view git_symbol_changes as
select
  e.source,
  s.symbol ->> 'name' as symbol_name,
  s.symbol ->> 'type' as symbol_type,
  s.symbol ->> 'text' as header,
  e.data ->> 'path' as file_path,
  e.data ->> 'change' as change,
  e.data ->> 'language' as language,
  (e.data ->> 'commit') collate "C" as git_commit,
  e.time as commit_time,
  e.id as event_id,
  e.ingested_at
from events e
cross join lateral jsonb_array_elements(e.data -> 'symbols') as s (symbol)
where e.type = 'git.file_change' and e.data ? 'symbols';

-- The rows of git_symbol_changes for one name, by the index: a view that unfolds a list cannot hand `symbol_name = …` to it.
create function git_symbol_history(name text) returns setof git_symbol_changes
language sql stable parallel safe as $$
  select
    e.source, s.symbol ->> 'name', s.symbol ->> 'type', s.symbol ->> 'text', e.data ->> 'path', e.data ->> 'change',
    e.data ->> 'language', e.data ->> 'commit', e.time, e.id, e.ingested_at
  from events e
  cross join lateral jsonb_array_elements(e.data -> 'symbols') as s (symbol)
  where e.type = 'git.file_change' and e.data ? 'symbols'
    and git_symbol_names(e.data) @> array[git_symbol_history.name] and s.symbol ->> 'name' = git_symbol_history.name
$$;

-- By file, commit, author and symbol. Partial, so that other sources' events pay nothing but the look at their type.
-- Hash for paths: they may be longer than a row of a btree, and an insert that fails would take the event with it.
create index git_changes_by_path on events using hash ((data ->> 'path')) where type = 'git.file_change';
-- A btree keeps a commit of a million files one after the other; in a hash they would be one long chain.
-- Collated as ids are, or a join with them could not use it.
create index git_changes_by_commit on events (((data ->> 'commit') collate "C")) where type = 'git.file_change';
create index git_commits_by_author on events using hash ((data -> 'author' ->> 'email')) where type = 'git.commit';
-- Only of changes that have symbols.
create index git_changes_by_symbol on events using gin (git_symbol_names(data)) where type = 'git.file_change' and data ? 'symbols';

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on git_code_changes, git_symbol_changes to tributary_worker;
  end if;
end $$;
