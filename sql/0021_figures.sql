-- How long a run worked, in milliseconds: from its opening on, without its pauses and waits, as of its last committed page or its end
-- (docs/figures.md).
alter table runs add column worked_ms bigint not null default 0;
