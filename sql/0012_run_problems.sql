-- Parts of an origin that a run could not read and left out: [{name, code, message, since}]. Null: there were none.
alter table runs add column problems jsonb;
