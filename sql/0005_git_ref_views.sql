-- What became of a repository's refs, with real columns. Order is the origin's: `sequence` counts the changes of a source, and
-- events may arrive in any order. Times are those at which we looked: git does not tell when a ref was moved.

-- Every change of every ref. `until_time`: when the next change of the same ref was seen.
create view git_ref_changes as
select
  source,
  data ->> 'ref' as ref,
  decode(data ->> 'refBytes', 'base64') as ref_bytes,
  substring(type from 5) as change,
  case when type <> 'git.default_branch_changed' then data ->> 'from' end as from_sha,
  data ->> case when type = 'git.default_branch_changed' then 'commit' else 'to' end as to_sha,
  data ->> 'commit' as commit,
  -- The branch that HEAD stands for from then on.
  case when type = 'git.default_branch_changed' then data ->> 'to' else data ->> 'branch' end as branch,
  (data ->> 'commits')::bigint as commits,
  coalesce((data ->> 'first')::boolean, false) as is_first,
  (data ->> 'sequence')::bigint as sequence,
  time,
  lead(time) over (partition by source, data ->> 'ref' order by (data ->> 'sequence')::bigint, time) as until_time,
  flags,
  id as event_id,
  ingested_at
from events
where type in (
  'git.ref_created', 'git.ref_moved', 'git.ref_rewritten', 'git.ref_deleted',
  'git.tag_created', 'git.tag_moved', 'git.tag_deleted', 'git.default_branch_changed'
);

-- Where a ref stood, from when until when (null: still). While HEAD stands for a branch that is followed, it is where that is.
create view git_ref_history as
select source, ref, ref_bytes, to_sha as sha, commit, branch, time as from_time, until_time, sequence, event_id
from git_ref_changes as own
where to_sha is not null
  and (branch is null or not exists (select from git_ref_changes as other where other.source = own.source and other.ref = own.branch))
union all
select
  head.source, head.ref, head.ref_bytes, other.to_sha, other.commit, head.branch,
  greatest(head.time, other.time), least(head.until_time, other.until_time),
  greatest(head.sequence, other.sequence), case when head.sequence > other.sequence then head.event_id else other.event_id end
from git_ref_changes as head
join git_ref_changes as other on other.source = head.source and other.ref = head.branch
where other.to_sha is not null
  and (head.until_time is null or other.time < head.until_time)
  and (other.until_time is null or head.time < other.until_time);

create view git_refs as
select source, ref, ref_bytes, sha, commit, branch, from_time as since, sequence, event_id
from git_ref_history
where until_time is null;

create view git_tags as
select
  source, tag, ref, ref_bytes, sha, commit, target, target_type, is_annotated,
  tagger_name, tagger_email, tagger_time, message, message_bytes, since, sequence, flags, event_id
from (
  select
    source,
    data ->> 'tag' as tag,
    data ->> 'ref' as ref,
    decode(data ->> 'refBytes', 'base64') as ref_bytes,
    data ->> 'to' as sha,
    data ->> 'commit' as commit,
    data ->> 'target' as target,
    data ->> 'targetType' as target_type,
    (data ->> 'annotated')::boolean as is_annotated,
    data -> 'tagger' ->> 'name' as tagger_name,
    data -> 'tagger' ->> 'email' as tagger_email,
    (data -> 'tagger' ->> 'time')::timestamptz as tagger_time,
    data ->> 'message' as message,
    decode(data ->> 'messageBytes', 'base64') as message_bytes,
    time as since,
    (data ->> 'sequence')::bigint as sequence,
    row_number() over (partition by source, data ->> 'ref' order by (data ->> 'sequence')::bigint desc, time desc) as age,
    flags,
    id as event_id
  from events
  where type in ('git.tag_created', 'git.tag_moved', 'git.tag_deleted')
) as told
where age = 1 and sha is not null;

create view git_ref_rewrites as
select
  source,
  data ->> 'ref' as ref,
  data ->> 'from' as from_sha,
  data ->> 'to' as to_sha,
  data ->> 'mergeBase' as merge_base,
  (data ->> 'lostCount')::bigint as lost_count,
  (data ->> 'newCount')::bigint as new_count,
  array(select jsonb_array_elements_text(data -> 'lost')) as lost,
  array(select jsonb_array_elements_text(data -> 'new')) as new,
  (data ->> 'truncated')::boolean as is_truncated,
  data -> 'pairs' as pairs,
  data ->> 'pairsSkipped' as pairs_skipped,
  (data ->> 'sequence')::bigint as sequence,
  time,
  flags,
  id as event_id,
  ingested_at
from events
where type = 'git.ref_rewritten';

-- A relation and no deletion: the commits are in git_commits as before.
create view git_unreachable_commits as
select source, commit, ref, since, sequence, event_id
from (
  select
    source,
    subject as commit,
    data ->> 'ref' as ref,
    time as since,
    (data ->> 'sequence')::bigint as sequence,
    type,
    row_number() over (partition by source, subject order by (data ->> 'sequence')::bigint desc, time desc) as age,
    id as event_id
  from events
  where type in ('git.commit_unreachable', 'git.commit_reachable')
) as told
where age = 1 and type = 'git.commit_unreachable';

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on git_ref_changes, git_ref_history, git_refs, git_tags, git_ref_rewrites, git_unreachable_commits to tributary_worker;
  end if;
end $$;
