-- Counts what was said of a trail's end: who says something else names what it has seen, and comes too late where another
-- has spoken since.
alter table audit_anchors add column version bigint not null default 1;

-- Whose events wait, but for those that are left alone for a while: theirs must not fill the page that others wait for.
drop function list_key_events(interval, integer);
create function list_key_events(idle interval, most integer, except_for uuid[]) returns setof uuid
  language sql stable security definer set search_path = public, pg_temp
begin atomic
  select e.tenant_id from public.key_events e
  where e.created_at < now() - idle and e.tenant_id <> all (except_for)
  group by e.tenant_id order by min(e.created_at) limit most;
end;

revoke all on function list_key_events(interval, integer, uuid[]) from public;
grant execute on function list_key_events(interval, integer, uuid[]) to mneme_keys;
