-- Uses of keys come with whose keys they are: no index begins with their ids, so each replica looked through the keys of all
-- tenants for each of them.
drop function note_key_uses(uuid[], timestamptz[]);
create function note_key_uses(tenants uuid[], ids uuid[], times timestamptz[]) returns void
  language sql security definer set search_path = mneme, pg_temp
begin atomic
  update mneme.api_keys k set last_used_at = u.used_at
  from unnest(tenants, ids, times) as u (tenant_id, id, used_at)
  where k.tenant_id = u.tenant_id and k.id = u.id and (k.last_used_at is null or k.last_used_at < u.used_at);
end;

-- A bucket that is full again is as good as none: those of ended keys and of tenants that are gone stayed for ever. What
-- there is does not say when it will be full, and may be forgotten.
truncate rate_buckets;
-- Seconds of the epoch. If nobody asks before, all leases have ended by then and it is full, by the limits that were last
-- asked with.
alter table rate_buckets add column full_from double precision not null default 0;

-- Leases tokens of many buckets. `holds` is what the replica still has of each, `returns` what it gives back. What it
-- got is its own for `lease` seconds; it stops spending some time before that.
create or replace function lease_rates(replica uuid, lease double precision, tenants uuid[], scopes uuid[], rates double precision[],
                                       bursts double precision[], wants integer[], holds integer[], returns integer[])
  returns table (place integer, granted integer, available double precision)
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare
  asked record;
  bucket mneme.rate_buckets;
  moment double precision;
  ended record;
  held double precision;
  full_at double precision;
begin
  -- In one order, so that two replicas wait for each other and not both for ever.
  for asked in
    select * from unnest(tenants, scopes, rates, bursts, wants, holds, returns) with ordinality
      as u (tenant_id, scope_id, rate, burst, want, held, returned, place) order by u.tenant_id, u.scope_id
  loop
    -- What is there may be removed before it is locked.
    loop
      insert into mneme.rate_buckets (tenant_id, scope_id, tokens, refilled_at)
      values (asked.tenant_id, asked.scope_id, asked.burst, extract(epoch from clock_timestamp()))
      on conflict do nothing;
      select * into bucket from mneme.rate_buckets b
      where b.tenant_id = asked.tenant_id and b.scope_id = asked.scope_id for update;
      exit when found;
    end loop;
    moment := greatest(bucket.refilled_at, extract(epoch from clock_timestamp()));
    -- It fills up to what the burst leaves beside all that was leased: what is spent makes room once it is told of, and
    -- what is not told of once its lease has ended. Else more than the burst could pass within a moment.
    for ended in
      select key as replica, (value->>1)::double precision as until from jsonb_each(bucket.leases)
      where (value->>1)::double precision <= moment
      union all select null, moment order by until
    loop
      select coalesce(sum((value->>0)::double precision), 0) into held from jsonb_each(bucket.leases);
      bucket.tokens := least(
        asked.burst - held, bucket.tokens + asked.rate * greatest(0, ended.until - bucket.refilled_at));
      bucket.refilled_at := greatest(bucket.refilled_at, ended.until);
      if ended.replica is not null then bucket.leases := bucket.leases - ended.replica; end if;
    end loop;
    -- What comes back late was refilled meanwhile.
    available := bucket.tokens +
      least(asked.returned, coalesce((bucket.leases->replica::text->>0)::double precision, 0));
    granted := greatest(0, least(asked.want, floor(available)));
    available := available - granted;
    place := asked.place;
    bucket.leases := bucket.leases - replica::text;
    if asked.held + granted > 0 then
      bucket.leases := bucket.leases
        || jsonb_build_object(replica, jsonb_build_array(asked.held + granted, moment + lease));
    end if;
    select greatest(moment, max((value->>1)::double precision)) + greatest(0, asked.burst - available) / asked.rate
    into full_at from jsonb_each(bucket.leases);
    update mneme.rate_buckets b
    set tokens = available, refilled_at = moment, leases = bucket.leases, full_from = full_at
    where b.tenant_id = asked.tenant_id and b.scope_id = asked.scope_id;
    return next;
  end loop;
end $$;

create function remove_full_rate_buckets(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.rate_buckets where ctid = any (array(
    select ctid from mneme.rate_buckets
    where full_from < extract(epoch from clock_timestamp() - interval '1 day') limit most for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;

revoke all on function note_key_uses(uuid[], uuid[], timestamptz[]), remove_full_rate_buckets(integer) from public;
grant execute on function note_key_uses(uuid[], uuid[], timestamptz[]), remove_full_rate_buckets(integer) to mneme_app;
