-- Run by the Postgres image on an empty volume, as the superuser: one role and its databases for Temporal, one for
-- Tributary; neither can reach the other's. Passwords come from the container's environment.
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv tributary_password TRIBUTARY_DB_PASSWORD

create role temporal login password :'temporal_password';
create role tributary login password :'tributary_password';

-- What a worker becomes after it has migrated the schema: it adds events and moves cursors, no more.
create role tributary_worker nologin;
grant tributary_worker to tributary;

create database temporal owner temporal;
create database temporal_visibility owner temporal;
create database tributary owner tributary;

revoke all on database temporal, temporal_visibility, tributary from public;
