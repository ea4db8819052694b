-- What `tributary events` looks things up by. Each index costs every insert that it holds a row of, so all but the first hold
-- few; docs/decisions/0004-event-search.md has the figures.

-- Also leads from a commit to its file changes and back: they share source and time.
drop index events_by_source_time;
create index events_by_source_type_time on events (source, type, time);

-- An index row may have 2,704 bytes, a path 4,096 and more.
create index events_by_path on events (left(data ->> 'path', 512) collate "C") where type = 'git.file_change';
create index events_by_commit on events (id) where type = 'git.commit';
create index events_urgent on events (time) where priority >= 3;

-- Words as they are, in lower case: no language is known, and names must stay names. Bounded, because a tsvector above
-- 1 MB is an error, and that would make a dead letter of the event.
create function event_words(data jsonb) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple'::regconfig, left(coalesce(
  data ->> 'message', concat_ws(' ', data ->> 'title', data ->> 'subject', data ->> 'body', data ->> 'text')), 8000));

create function author_words(data jsonb) returns tsvector
language sql immutable parallel safe
return to_tsvector('simple'::regconfig, left(concat_ws(' ', data -> 'author' ->> 'name', data -> 'author' ->> 'email'), 400));

create index events_by_words on events using gin (event_words(data))
  where data ?| array['message', 'title', 'subject', 'body', 'text'];
create index events_by_author on events using gin (author_words(data)) where type = 'git.commit';
