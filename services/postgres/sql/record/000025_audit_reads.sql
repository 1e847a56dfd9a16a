-- Whose events wait, but for those that are left alone for a while: theirs must not fill the page that others wait for. One
-- step of the index a tenant, however many events of it wait.
drop function list_audit_backlog(integer);
create function list_audit_backlog(most integer, except_for uuid[]) returns setof uuid
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  with recursive oldest as (
    (select i.tenant_id, i.id from mneme.audit_inbox i order by i.tenant_id, i.id limit 1)
    union all
    select n.tenant_id, n.id from oldest o cross join lateral (
      select i.tenant_id, i.id from mneme.audit_inbox i
      where i.tenant_id > o.tenant_id order by i.tenant_id, i.id limit 1) n
  )
  select tenant_id from oldest where tenant_id <> all (except_for) order by id limit most;
end;

-- The last of those places only, as many as a page needs. Found by their index before they are sorted: along the trail the
-- few places of one person would be looked for among everybody's. The index knows no order: each call builds and sorts all
-- that name them, so a page calls once.
drop function audit_places_of(uuid, uuid, bigint);
create function audit_places_of(subject uuid, resource uuid, below bigint, most integer) returns setof bigint
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  with named as materialized (
    select e.sequence from mneme.audit_events e
    where e.tenant_id = mneme.current_tenant() and e.sequence < below
      and e.subject_ids @> case when subject is null then '{}' else array[subject] end
      and e.resource_ids @> case when resource is null then '{}' else array[resource] end
  )
  select sequence from named order by sequence desc limit most;
end;

revoke all on function list_audit_backlog(integer, uuid[]), audit_places_of(uuid, uuid, bigint, integer) from public;
grant execute on function list_audit_backlog(integer, uuid[]), audit_places_of(uuid, uuid, bigint, integer)
  to mneme_app;
