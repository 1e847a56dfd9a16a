-- How many statements were left out for what they held, by kind. Counts of kinds alone: nothing of what was said.
alter table extractions add column dropped_sensitive jsonb not null default '{}';

-- Both together, member by member.
create function added_counts(a jsonb, b jsonb) returns jsonb language sql immutable parallel safe
  set search_path = mneme, pg_temp
begin atomic
  select coalesce(jsonb_object_agg(n.key, n.total), '{}')
  from (select c.key, sum(c.value::integer) as total
        from (select * from jsonb_each_text(a) union all select * from jsonb_each_text(b)) c group by c.key) n;
end;
revoke all on function added_counts(jsonb, jsonb) from public;
grant execute on function added_counts(jsonb, jsonb) to mneme_app;
