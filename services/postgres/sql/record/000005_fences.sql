-- The second fence between tenants: forced on every table, the owner included.
do $$
declare t text;
begin
  for t in select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where n.nspname = 'mneme' and c.relkind = 'r' and c.relname <> 'migrations'
  loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    if t = 'tenants' then
      execute format('create policy tenant on %I using (id = current_tenant())', t);
    else
      execute format('create policy tenant on %I using (tenant_id = current_tenant())', t);
    end if;
  end loop;
end $$;

-- authenticate_key runs as the owner, and forced security holds for the owner too.
create policy authentication on api_keys for select to mneme_owner using (true);

-- The relay sees which tenant and bucket has work, and nothing else.
create policy relay on outbox to mneme_relay using (true);
grant select, delete on outbox to mneme_relay;
-- Locking rows to skip them needs the right to update one column.
grant update (id) on outbox to mneme_relay;

grant usage on schema mneme to mneme_app, mneme_relay;
grant select on tenants, projects, api_keys to mneme_app;
grant select, insert, update, delete on
  subjects, scope_refs, streams, stream_summaries, extractions, messages, memories, memory_sessions, memory_uses,
  memory_versions, memory_sources, memory_derivations, extraction_memories, tombstones, index_removals, entities,
  memory_entities, relations, idempotency, session_windows, session_turns to mneme_app;
grant insert on outbox to mneme_app;
grant usage on all sequences in schema mneme to mneme_app;
revoke all on function authenticate_key(bytea) from public;
grant execute on function authenticate_key(bytea) to mneme_app;
grant execute on function current_tenant() to mneme_app, mneme_relay;
