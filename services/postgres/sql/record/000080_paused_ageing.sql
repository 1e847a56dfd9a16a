-- A schedule that an operator has paused is paused still when its tenant, suspended meanwhile, is active again: while it is
-- gone its row keeps that.
alter table ageing_schedules
  -- There is none now; the row is what is left of it.
  add column is_gone boolean not null default false,
  -- What the operator who paused it wrote beside it, maybe nothing; null: it was not paused when it was removed.
  add column paused_note text check (char_length(paused_note) <= 1000);

drop function list_due_ageing(text, integer);
-- As in 000050; one that is gone is due when its tenant is active again, or has left.
create function list_due_ageing(wanted text, most integer)
  returns table (tenant_id uuid, is_wanted boolean, applied text, paused_note text)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select d.tenant_id, d.is_wanted, d.applied, d.paused_note from (
    select t.id as tenant_id, true as is_wanted, s.plan as applied, s.looked_at,
      case when s.is_gone then s.paused_note end as paused_note
    from mneme.tenants t left join mneme.ageing_schedules s on s.tenant_id = t.id
    where t.state = 'active'
      and (s.tenant_id is null or s.is_gone or s.plan <> wanted or s.looked_at < now() - interval '1 hour')
    union all
    select s.tenant_id, false, s.plan, s.looked_at, null
    from mneme.ageing_schedules s left join mneme.tenants t on t.id = s.tenant_id
    where t.id is null or (t.state <> 'active' and not s.is_gone)) d
  order by d.looked_at nulls first, d.tenant_id limit most;
end;

create or replace function longest_unaged() returns double precision
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select coalesce(extract(epoch from now() - min(coalesce(succeeded_at, since))), 0)::double precision
  from mneme.ageing_schedules where not is_gone;
end;

revoke all on function list_due_ageing(text, integer) from public;
grant execute on function list_due_ageing(text, integer) to mneme_app;
