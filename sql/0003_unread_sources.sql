-- A source whose origin turned out to be none (not a repository, no such host) was never read: nothing of it stays.
-- The worker's role may not delete sources, hence the function; it refuses all but a first run without a page.
create function forget_unread_source(unread text) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from source_cursors where source = unread and epoch = 1 and seq = 0 for update;
  if not found or exists (select from ledger where source = unread) or exists (select from pages where source = unread) then
    return false;
  end if;
  delete from runs where source = unread;
  delete from source_cursors where source = unread;
  delete from sources where id = unread;
  return true;
end $$;

do $$
begin
  if exists (select from pg_roles where rolname = 'tributary_worker') then
    revoke execute on function forget_unread_source(text) from public;
    grant execute on function forget_unread_source(text) to tributary_worker;
  end if;
end $$;
