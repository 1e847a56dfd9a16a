-- The pool that was asked for last, until the tenant is there or the move is given up: who goes on with a forgotten move must
-- not take it where nobody wants it any more. `moving_to` says where a move under way goes first.
alter table tenant_placements add column wanted text check (wanted ~ '^[a-z0-9]{1,40}$');

drop function placements_of(uuid[]);
create function placements_of(tenants uuid[])
  returns table (tenant_id uuid, pool text, moving_to text, leaving text, wanted text)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select p.tenant_id, p.pool, p.moving_to, p.leaving, p.wanted from mneme.tenant_placements p
  where p.tenant_id = any (tenants);
end;

-- Without a pool: the row of the outbox may be delivered after the next call, and what is wanted then stands here.
create or replace function wake_forgotten_moves(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  insert into mneme.outbox (tenant_id, topic, key)
  select p.tenant_id, 'move', '' from mneme.tenant_placements p
  where (p.moving_to is not null or p.leaving is not null or p.wanted is not null) and p.updated_at < now() - idle
    and not exists (select from mneme.outbox o where o.tenant_id = p.tenant_id and o.topic = 'move')
  limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;

revoke all on function placements_of(uuid[]) from public;
grant execute on function placements_of(uuid[]) to mneme_app;
