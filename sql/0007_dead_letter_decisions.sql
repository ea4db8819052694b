-- Dead letters, and what people decide about them. A letter keeps all that is needed to bring it back, and it never
-- leaves: a decision is a row beside it, so that the ledger's `dead` stays the number of its rows.

-- `part`: its number among the events of its record; null: the record as a whole was refused. `holder`: the letter of the
-- same page that has the record's bytes, where several events of one record died. `processed`: the stages before the one it
-- died in. `deaths`: times it has died, with this one; `earlier_letter` (epoch.page.ordinal): what it was the time before.
alter table dead_letters
  add column part integer,
  add column holder integer,
  add column context jsonb not null default '{}',
  add column processed text[] not null default '{}',
  add column deaths integer not null default 1,
  add column earlier_letter text collate "C";
create index dead_letters_by_earlier on dead_letters (source, earlier_letter) where earlier_letter is not null;

-- A redriven letter waits in `deferred` under its own key, with `attempts` 0, and brings nothing: what comes back is in
-- the letter. `letter`: {deaths, key} of the dead letter that the event was, also when it is put off after that.
alter table deferred add column letter jsonb;

-- A person's decision. The primary key is what makes a letter come back once, whoever asks and however often. A
-- discarded letter may still be redriven by its key.
create table dead_letter_decisions (
  source text collate "C" not null,
  epoch integer not null,
  page integer not null,
  ordinal integer not null,
  decision text not null check (decision in ('redriven', 'discarded')),
  decided_by text not null,
  reason text,
  decided_at timestamptz not null default clock_timestamp(),
  primary key (source, epoch, page, ordinal, decision),
  foreign key (source, epoch, page, ordinal) references dead_letters,
  constraint who_discards_says_why check (decision <> 'discarded' or reason is not null)
);

-- Of the rows a page takes back, `remapped` are whole records that are mapped anew: each gives any number of events. Of
-- all others each is one event.
alter table ledger
  add column remapped integer not null default 0,
  drop constraint what_comes_back_is_a_page_of_its_own,
  add constraint what_comes_back_is_a_page_of_its_own check (
    remapped between 0 and redriven and recounted between 0 and redriven - remapped
    and (remapped > 0 or redriven in (0, fetched)) and fetched >= redriven - remapped
  );

-- The worker's role gets nothing here: decisions are people's, and it brings back what waits in `deferred`.
