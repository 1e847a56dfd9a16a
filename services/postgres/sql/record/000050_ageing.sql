-- Which tenants have a schedule by which their memories age, as a worker last saw to it. Of no tenant's own: who has gone
-- leaves a row, by which the schedule is found and removed.
create table ageing_schedules (
  tenant_id uuid primary key,
  -- The plan that it was made by or changed to: another one of the deployment's changes it anew.
  plan text not null,
  looked_at timestamptz not null default now(),
  since timestamptz not null default now(),
  -- When a run last ended well; null where none did.
  succeeded_at timestamptz
);
alter table ageing_schedules enable row level security;
alter table ageing_schedules force row level security;
create policy tenant on ageing_schedules using (tenant_id = current_tenant());
grant select, insert, update, delete on ageing_schedules to mneme_app;

-- As in 000024: named over all tenants, written inside each tenant's own fence.
create policy due on ageing_schedules for select to mneme_owner using (true);

-- Tenants whose schedule is missing, of another plan, was not looked at for an hour, or is wanted no longer: new ones first.
create function list_due_ageing(wanted text, most integer)
  returns table (tenant_id uuid, is_wanted boolean, applied text)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select d.tenant_id, d.is_wanted, d.applied from (
    select t.id as tenant_id, true as is_wanted, s.plan as applied, s.looked_at
    from mneme.tenants t left join mneme.ageing_schedules s on s.tenant_id = t.id
    where t.state = 'active'
      and (s.tenant_id is null or s.plan <> wanted or s.looked_at < now() - interval '1 hour')
    union all
    select s.tenant_id, false, s.plan, s.looked_at
    from mneme.ageing_schedules s left join mneme.tenants t on t.id = s.tenant_id and t.state = 'active'
    where t.id is null) d
  order by d.looked_at nulls first, d.tenant_id limit most;
end;

-- Seconds since the tenant that has waited longest for a run that ends well had its last, or its schedule; 0 without any.
create function longest_unaged() returns double precision
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select coalesce(extract(epoch from now() - min(coalesce(succeeded_at, since))), 0)::double precision
  from mneme.ageing_schedules;
end;

revoke all on function list_due_ageing(text, integer), longest_unaged() from public;
grant execute on function list_due_ageing(text, integer), longest_unaged() to mneme_app;
