-- What projects keep no longer. These functions only name it, over all tenants; it is removed inside each tenant's own
-- fence. As in 000010, the policies let them see nothing but what they are for.
create policy retention on messages for select to mneme_owner using (state <> 'pending');
create policy retention on extractions for select to mneme_owner
  using (state in ('searchable', 'failed', 'dropped'));
create policy expired on memories for select to mneme_owner using (expires_at < now());

create index messages_kept on messages (tenant_id, project_id, received_at)
  where body_ct is not null and state <> 'pending';
create index memories_expiring on memories (expires_at) where expires_at is not null;

-- An empty window is no window: what it held is not kept any more, and the statement stands for itself.
comment on column memory_versions.window_ct is 'empty once the turns around the source are not kept any more';

-- Messages that were worked, or given up, longer ago than their project keeps them.
create function list_old_messages(most integer) returns table (tenant_id uuid, message_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select old.tenant_id, old.id
  from (select p.tenant_id, p.id, now() - make_interval(days => coalesce(
          p.settings #>> '{retention,messageDays}', t.settings #>> '{retention,messageDays}')::integer) as before
        from mneme.projects p join mneme.tenants t on t.id = p.tenant_id) k
  cross join lateral (
    select m.tenant_id, m.id
    from mneme.messages m join mneme.extractions e on e.tenant_id = m.tenant_id and e.id = m.extraction_id
    where m.tenant_id = k.tenant_id and m.project_id = k.id and m.received_at <= k.before
      and m.body_ct is not null and m.state <> 'pending'
      and e.state in ('searchable', 'failed', 'dropped')
      and coalesce(e.searchable_at, e.failed_at, e.created_at) <= k.before
    order by m.received_at limit most) old
  where k.before is not null
  limit most;
end;

create function list_expired_memories(most integer) returns table (tenant_id uuid, memory_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select m.tenant_id, m.id from mneme.memories m where m.expires_at < now() order by m.expires_at limit most;
end;

revoke all on function list_old_messages(integer), list_expired_memories(integer) from public;
grant execute on function list_old_messages(integer), list_expired_memories(integer) to mneme_app;
