-- A row of source_state is named by a key that an index can hold; where the source's own is longer, it is
-- here whole.
alter table source_state add column whole_key text collate "C";
