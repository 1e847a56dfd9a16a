-- Who read or changed what, in two stages: calls put their events into the inbox, where no event waits for another;
-- the worker puts those of a tenant into their order, each with the hash of the one before it. Ids and pseudonyms only.
create table audit_inbox (
  tenant_id uuid not null,
  id bigint generated always as identity,
  event_id uuid not null,
  -- Milliseconds: it is hashed as it is shown.
  occurred_at timestamptz(3) not null,
  action text not null,
  api_key_id uuid,
  actor_subject_id uuid,
  service text not null,
  project_id uuid,
  request_id text not null,
  code text not null,
  reason text not null,
  subject_ids uuid[] not null,
  resource_types text[] not null,
  resource_ids uuid[] not null,
  resource_count bigint not null,
  primary key (tenant_id, id)
);

create table audit_events (
  tenant_id uuid not null,
  -- Without gaps.
  sequence bigint not null check (sequence > 0),
  event_id uuid not null,
  occurred_at timestamptz(3) not null,
  action text not null,
  api_key_id uuid,
  actor_subject_id uuid,
  service text not null,
  project_id uuid,
  request_id text not null,
  code text not null,
  reason text not null,
  subject_ids uuid[] not null,
  resource_types text[] not null,
  resource_ids uuid[] not null,
  resource_count bigint not null,
  -- SHA-256 of the hash before it and of this event.
  hash bytea not null,
  primary key (tenant_id, sequence),
  unique (tenant_id, event_id)
);
create index audit_events_named on audit_events using gin (subject_ids, resource_ids);

-- It empties as fast as it fills.
alter table audit_inbox set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);

do $$
declare
  audited text;
begin
  foreach audited in array array['audit_inbox', 'audit_events'] loop
    execute format('alter table %I enable row level security', audited);
    execute format('alter table %I force row level security', audited);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', audited);
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', audited);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', audited);
    execute format('alter table %I alter column project_id set (n_distinct = 1)', audited);
    -- Nobody of ours changes or removes what is in it.
    execute format('grant select, insert on %I to mneme_app', audited);
  end loop;
end $$;

-- What is in the trail may leave the inbox, and nothing else.
create function remove_chained_audit_events(ids bigint[]) returns bigint
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed bigint;
begin
  delete from mneme.audit_inbox i
  where i.tenant_id = mneme.current_tenant() and i.id = any (ids)
    and exists (select from mneme.audit_events e where e.tenant_id = i.tenant_id and e.event_id = i.event_id);
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Places in the tenant's trail that name somebody or something. As the owner: for the application the index could not be
-- asked before each row's tenant is.
create policy naming on audit_events for select to mneme_owner using (true);
create function audit_places_of(subject uuid, resource uuid, below bigint) returns setof bigint
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select e.sequence from mneme.audit_events e
  where e.tenant_id = mneme.current_tenant() and e.sequence < below
    and e.subject_ids @> case when subject is null then '{}' else array[subject] end
    and e.resource_ids @> case when resource is null then '{}' else array[resource] end;
end;

-- What follows crosses tenants, as in 000010: whose events wait, how many, and since when.
create policy waiting on audit_inbox for select to mneme_owner using (true);
create function list_audit_backlog(most integer) returns setof uuid
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select i.tenant_id from mneme.audit_inbox i group by i.tenant_id order by min(i.id) limit most;
end;
create function audit_backlog(out events bigint, out oldest_seconds double precision)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select count(*), coalesce(extract(epoch from now() - min(i.occurred_at)), 0) from mneme.audit_inbox i;
end;

revoke all on function remove_chained_audit_events(bigint[]), audit_places_of(uuid, uuid, bigint),
  list_audit_backlog(integer), audit_backlog() from public;
grant execute on function remove_chained_audit_events(bigint[]), audit_places_of(uuid, uuid, bigint),
  list_audit_backlog(integer), audit_backlog() to mneme_app;
