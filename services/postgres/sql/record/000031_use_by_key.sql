-- What is held and used is counted by key too, so that a key's own limits hold. Null is of what came before this, or by
-- nobody's key: it counts for its project and its tenant alone.

-- Of the keys that were rotated into this one the first; null where none was. All of them are one key to limits, and the first
-- never changes, so nothing that is counted must be moved when a key is rotated.
alter table api_keys add column first_id uuid;
with recursive rotated (tenant_id, first_id, id) as (
  select k.tenant_id, k.id, k.replaced_by from api_keys k
  where k.replaced_by is not null
    and not exists (select from api_keys o where o.tenant_id = k.tenant_id and o.replaced_by = k.id)
  union all
  select r.tenant_id, r.first_id, k.replaced_by
  from rotated r join api_keys k on k.tenant_id = r.tenant_id and k.id = r.id
  where k.replaced_by is not null)
update api_keys k set first_id = r.first_id from rotated r where k.tenant_id = r.tenant_id and k.id = r.id;

drop function authenticate_key(bytea, uuid);
create function authenticate_key(hash bytea, wanted_project uuid)
  returns table (tenant_id uuid, project_id uuid, api_key_id uuid, first_key_id uuid, is_of_tenant boolean, roles text[],
                 is_suspended boolean, tenant_limits jsonb, project_limits jsonb, key_limits jsonb)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select k.tenant_id, p.id, k.id, k.first_id, k.project_id is null, k.roles,
    t.state <> 'active' or coalesce(p.state <> 'active', false), t.limits, p.limits, k.limits
  from mneme.api_keys k
  join mneme.tenants t on t.id = k.tenant_id
  -- A key of one project reaches no other, whatever is asked for; a null project says that there is none such.
  left join mneme.projects p on p.tenant_id = k.tenant_id
    and p.id = coalesce(wanted_project, k.project_id, t.default_project_id)
    and (k.project_id is null or p.id = k.project_id)
  where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
end;
revoke all on function authenticate_key(bytea, uuid) from public;
grant execute on function authenticate_key(bytea, uuid) to mneme_app;

-- The key that it came by, or the first of those that were rotated into it.
alter table extractions add column api_key_id uuid;
-- The key that brought its first version.
alter table memories add column api_key_id uuid;

alter table memory_count_changes add column api_key_id uuid;
alter table memory_counts
  add column api_key_id uuid,
  drop constraint memory_counts_pkey,
  add unique nulls not distinct (tenant_id, project_id, api_key_id);
alter table model_use
  add column api_key_id uuid,
  drop constraint model_use_pkey,
  add unique nulls not distinct (tenant_id, project_id, month, api_key_id);

create or replace function count_memories() returns trigger
  language plpgsql security definer set search_path = mneme, pg_temp as $$
begin
  insert into mneme.memory_count_changes (tenant_id, project_id, api_key_id, change)
  select tenant_id, project_id, api_key_id, count(*) * case tg_op when 'INSERT' then 1 else -1 end
  from changed group by tenant_id, project_id, api_key_id;
  return null;
end $$;

-- Adds up to `most` changes to the counts. One at a time: who else comes leaves it to the one that is at it.
create or replace function fold_memory_counts(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare folded integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('mneme fold_memory_counts')) then return 0; end if;
  with gone as (
    delete from mneme.memory_count_changes
    where ctid = any (array(select ctid from mneme.memory_count_changes limit most))
    returning tenant_id, project_id, api_key_id, change),
  summed as (
    insert into mneme.memory_counts (tenant_id, project_id, api_key_id, held)
    select tenant_id, project_id, api_key_id, sum(change) from gone group by tenant_id, project_id, api_key_id
    on conflict (tenant_id, project_id, api_key_id) do update set held = memory_counts.held + excluded.held)
  select count(*) into folded from gone;
  return folded;
end $$;
