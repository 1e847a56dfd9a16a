-- Where a tenant's part of the index is: a tenant without a row lives in the default pool, MNEME_INDEX_POOL.
create table tenant_placements (
  tenant_id uuid primary key references tenants (id),
  -- The pool that the tenant is read from.
  pool text not null check (pool ~ '^[a-z0-9]{1,40}$'),
  -- On its way there: written as well, not read yet.
  moving_to text check (moving_to ~ '^[a-z0-9]{1,40}$' and moving_to <> pool),
  -- What is still there of the tenant is being removed: not written any more, but removed from.
  leaving text check (leaving ~ '^[a-z0-9]{1,40}$' and leaving <> pool),
  -- Counts the changes.
  revision bigint not null default 1,
  updated_at timestamptz not null default now(),
  check (moving_to is null or leaving is null)
);
alter table tenant_placements enable row level security;
alter table tenant_placements force row level security;
alter table tenant_placements alter column tenant_id set (n_distinct = -1);
create policy tenant on tenant_placements using (tenant_id = current_tenant());
grant select, insert, update on tenant_placements to mneme_app;

-- What follows crosses tenants, as in 000010: it tells where tenants are, and nothing else of them.
create policy whereabouts on tenant_placements for select to mneme_owner using (true);

-- Of the tenants of one write.
create function placements_of(tenants uuid[])
  returns table (tenant_id uuid, pool text, moving_to text, leaving text)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select p.tenant_id, p.pool, p.moving_to, p.leaving from mneme.tenant_placements p
  where p.tenant_id = any (tenants);
end;

create function list_pools() returns setof text
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select distinct each.pool
  from mneme.tenant_placements p, unnest(array[p.pool, p.moving_to, p.leaving]) as each (pool)
  where each.pool is not null;
end;

-- Those whose documents belong into a pool; whoever has no row is in `default_pool`.
create function list_placed_tenants(of_pool text, default_pool text, after uuid, most integer) returns setof uuid
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select t.id from mneme.tenants t left join mneme.tenant_placements p on p.tenant_id = t.id
  where t.id > coalesce(after, '00000000-0000-0000-0000-000000000000')
    and (coalesce(p.pool, default_pool) = of_pool or p.moving_to = of_pool)
  order by t.id limit most;
end;

-- How many tenants are on their way to or from a pool.
create function count_moves(of_pool text) returns integer
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select count(*)::integer from mneme.tenant_placements p
  where of_pool in (p.pool, p.moving_to, p.leaving) and (p.moving_to is not null or p.leaving is not null);
end;

-- A move that was terminated leaves its tenant written twice for ever: whoever relays takes it up again.
create policy waking_moves on outbox to mneme_owner using (topic = 'move');

create function wake_forgotten_moves(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  insert into mneme.outbox (tenant_id, topic, key)
  select p.tenant_id, 'move', coalesce(p.moving_to, p.pool) from mneme.tenant_placements p
  where (p.moving_to is not null or p.leaving is not null) and p.updated_at < now() - idle
    and not exists (select from mneme.outbox o where o.tenant_id = p.tenant_id and o.topic = 'move')
  limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;

revoke all on function placements_of(uuid[]), list_pools(), list_placed_tenants(text, text, uuid, integer),
  count_moves(text), wake_forgotten_moves(interval, integer) from public;
grant execute on function placements_of(uuid[]), list_pools(), list_placed_tenants(text, text, uuid, integer),
  count_moves(text), wake_forgotten_moves(interval, integer) to mneme_app;
