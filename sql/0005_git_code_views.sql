-- Code as people ask for it: what happened to this file, to this function, by this author, in this commit.

-- The names in `symbols`, for the index of them and for views; immutable, as an index wants it.
create function git_symbol_names(data jsonb) returns text[]
language sql immutable strict parallel safe
return array(select jsonb_array_elements(data -> 'symbols') ->> 'name');

create or replace view git_file_changes as
select
  source,
  data ->> 'commit' as commit,
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
