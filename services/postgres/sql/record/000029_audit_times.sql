-- A trail is listed by time, from any time on: it only grows, and walked by place the events of an hour would be looked for
-- among those of years. Ascending, though it is read the other way round: pages that fill from their end are left full.
-- While it is made of what is there nothing is chained, and events wait in the inbox.
create index audit_events_times on audit_events (tenant_id, occurred_at, sequence);

-- By time as well. What else narrows them is asked behind the names: else an index that tells little could be taken for
-- the one that tells who.
drop function audit_places_of(uuid, uuid, bigint, integer);
create function audit_places_of(subject uuid, resource uuid, since timestamptz, below_time timestamptz,
                                below_sequence bigint, most integer)
  returns table (occurred_at timestamptz, sequence bigint)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  with named as materialized (
    select e.occurred_at, e.sequence from mneme.audit_events e
    where e.tenant_id = mneme.current_tenant()
      and e.subject_ids @> case when subject is null then '{}' else array[subject] end
      and e.resource_ids @> case when resource is null then '{}' else array[resource] end
  )
  select n.occurred_at, n.sequence from named n
  where n.occurred_at >= since and (n.occurred_at, n.sequence) < (below_time, below_sequence)
  order by n.occurred_at desc, n.sequence desc limit most;
end;

revoke all on function audit_places_of(uuid, uuid, timestamptz, timestamptz, bigint, integer) from public;
grant execute on function audit_places_of(uuid, uuid, timestamptz, timestamptz, bigint, integer) to mneme_app;
