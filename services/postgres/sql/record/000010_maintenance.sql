-- What crosses tenants without belonging to one. Each function runs as the owner, for whom row-level
-- security is forced too: the policies below let it see nothing but what it is for. Tables are named with their
-- schema, and temporary ones come last: unnamed, they come first, and a caller's would stand in for the record's.
create policy expired on session_windows to mneme_owner using (expires_at < now());
create policy expired on idempotency to mneme_owner using (created_at < now() - interval '24 hours');

create function remove_expired_session_windows(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.session_windows where ctid = any (array(
    select ctid from mneme.session_windows where expires_at < now() limit most for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;

create function remove_old_requests(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.idempotency where ctid = any (array(
    select ctid from mneme.idempotency where created_at < now() - interval '24 hours' limit most
    for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Work that nobody was told of, or that who was told has lost: a safety net under outbox and workflows.
create policy forgotten on messages for select to mneme_owner using (state = 'pending');
create policy forgotten on memory_versions for select to mneme_owner using (indexed_revision < revision);
create policy forgotten on index_removals for select to mneme_owner using (true);
create policy waking on outbox to mneme_owner using (topic = 'ingest');

create function wake_forgotten_buckets(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  insert into mneme.outbox (tenant_id, topic, key)
  select f.tenant_id, 'ingest', f.bucket::text from (
    select tenant_id, bucket from mneme.messages where state = 'pending' and received_at < now() - idle
    union
    select tenant_id, bucket from mneme.memory_versions
    where indexed_revision < revision and coalesce(recorded_to, recorded_from) < now() - idle
    union
    select tenant_id, bucket from mneme.index_removals where created_at < now() - idle) f
  where not exists (select from mneme.outbox o
    where o.tenant_id = f.tenant_id and o.topic = 'ingest' and o.key = f.bucket::text)
  limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;

-- A reindex goes through all tenants, one after the other, and works each inside its own fence.
create policy listing on tenants for select to mneme_owner using (true);

create function list_tenants(after uuid, most integer) returns setof uuid
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select id from mneme.tenants where id > coalesce(after, '00000000-0000-0000-0000-000000000000')
  order by id limit most;
end;

revoke all on function remove_expired_session_windows(integer), remove_old_requests(integer),
  wake_forgotten_buckets(interval, integer), list_tenants(uuid, integer) from public;
grant execute on function remove_expired_session_windows(integer), remove_old_requests(integer),
  wake_forgotten_buckets(interval, integer), list_tenants(uuid, integer) to mneme_app;
