-- The fence between tenants, as the record has it: forced on every table with a tenant, the owner included.
-- signing_keys has none: they are the deployment's.
create function current_tenant() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('mneme.tenant_id', true), '')::uuid;

-- Events of calls that changed a tenant's key, kept with the change, until they are in the tenant's inbox in the record:
-- no transaction spans the two databases. Ids and pseudonyms only.
create table key_events (
  tenant_id uuid not null,
  event_id uuid not null,
  event jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, event_id)
);
create index key_events_age on key_events (created_at);
grant select, insert, delete on key_events to mneme_keys;

do $$
declare
  fenced text;
begin
  foreach fenced in array array['data_keys', 'tenant_keys', 'key_requests', 'audit_anchors', 'key_events'] loop
    execute format('alter table %I enable row level security', fenced);
    execute format('alter table %I force row level security', fenced);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', fenced);
  end loop;
end $$;

-- What follows crosses tenants: which of them have work waiting, by ids alone, and what has become too old. Each function
-- runs as the owner, whom the policies show no more than that.
create policy listing on tenant_keys for select to mneme_owner using (state <> 'retired');
create policy unversioned on data_keys for select to mneme_owner
  using (wrapped is not null and tenant_key_version is null);
create policy unconfirmed on audit_anchors for select to mneme_owner using (not is_confirmed);
create policy waiting on key_events for select to mneme_owner using (true);
create policy expired on key_requests to mneme_owner using (created_at < now() - interval '24 hours');

-- In no order: those that have to wait must not hide the others.
create function list_rotating_tenants(most integer) returns setof uuid
  language sql volatile security definer set search_path = public, pg_temp
begin atomic
  select r.tenant_id from (
    select k.tenant_id from public.tenant_keys k where k.state = 'retiring'
    union
    select d.tenant_id from public.data_keys d where d.wrapped is not null and d.tenant_key_version is null
  ) r order by random() limit most;
end;

create function list_tenant_keys(after_tenant uuid, after_version integer, most integer)
  returns table (tenant_id uuid, version integer)
  language sql stable security definer set search_path = public, pg_temp
begin atomic
  select k.tenant_id, k.version from public.tenant_keys k
  where k.state <> 'retired'
    and (k.tenant_id, k.version) > (coalesce(after_tenant, '00000000-0000-0000-0000-000000000000'), after_version)
  order by k.tenant_id, k.version limit most;
end;

create function list_unconfirmed_audit_ends(idle interval, most integer) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp
begin atomic
  select a.tenant_id from public.audit_anchors a where not a.is_confirmed and a.updated_at < now() - idle limit most;
end;

create function list_key_events(idle interval, most integer) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp
begin atomic
  select e.tenant_id from public.key_events e where e.created_at < now() - idle
  group by e.tenant_id order by min(e.created_at) limit most;
end;

create function remove_old_key_requests(most integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp as $$
declare removed integer;
begin
  delete from public.key_requests where ctid = any (array(
    select ctid from public.key_requests where created_at < now() - interval '24 hours' limit most
    for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;

revoke all on function list_rotating_tenants(integer), list_tenant_keys(uuid, integer, integer),
  list_unconfirmed_audit_ends(interval, integer), list_key_events(interval, integer),
  remove_old_key_requests(integer) from public;
grant execute on function list_rotating_tenants(integer), list_tenant_keys(uuid, integer, integer),
  list_unconfirmed_audit_ends(interval, integer), list_key_events(interval, integer),
  remove_old_key_requests(integer) to mneme_keys;
