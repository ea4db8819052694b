-- Tokens that let somebody ask the front door (docs/front-door.md). The token itself is nowhere: `digest` is its sha256.
-- A revoked one keeps its row, so that it is known who could have asked.
create table access_tokens (
  name text collate "C" primary key,
  digest bytea not null unique check (length(digest) = 32),
  scopes text[] not null check (scopes <@ array['push', 'read', 'operate', 'admin'] and scopes <> '{}'),
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  constraint who_revokes_is_named check ((revoked_at is null) = (revoked_by is null))
);

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    grant select on access_tokens to tributary_worker;
  end if;
end $$;
