-- What tenants may use and have used, held across replicas. Rates and streams may be forgotten with a crash of the
-- server; what is counted by day and month may not.

-- Token buckets. A replica leases tokens and spends them without asking; what is here and what all replicas hold is
-- never more than the burst.
create unlogged table rate_buckets (
  tenant_id uuid not null,
  -- The tenant's, the project's or the API key's id.
  scope_id uuid not null,
  tokens double precision not null,
  -- Seconds of the epoch.
  refilled_at double precision not null,
  -- By replica: how many tokens it holds at most, and until when, in seconds of the epoch.
  leases jsonb not null default '{}',
  primary key (tenant_id, scope_id)
) with (fillfactor = 50);

-- Messages accepted, or leased by a replica that accepts them.
create table message_counts (
  tenant_id uuid not null,
  scope_id uuid not null,
  -- UTC.
  day date not null,
  taken bigint not null default 0,
  primary key (tenant_id, scope_id, day)
) with (fillfactor = 70);

create index message_counts_age on message_counts (day);

create table memory_counts (
  tenant_id uuid not null,
  project_id uuid not null,
  held bigint not null,
  primary key (tenant_id, project_id)
);

-- What memory_counts does not have yet. Rows of their own: writers of one project would wait for each other, and might
-- for ever, having locked other things before.
create table memory_count_changes (
  tenant_id uuid not null,
  id bigint generated always as identity,
  project_id uuid not null,
  change integer not null,
  primary key (tenant_id, id)
);

-- Tokens that models' servers said they read and wrote.
create table model_use (
  tenant_id uuid not null,
  project_id uuid not null,
  -- Its first day, UTC.
  month date not null,
  tokens bigint not null,
  primary key (tenant_id, project_id, month)
);

create unlogged table open_streams (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  api_key_id uuid not null,
  replica uuid not null,
  -- Its replica renews it; after that it is taken for gone.
  until timestamptz not null,
  primary key (tenant_id, id)
);

do $$
declare
  counted text;
begin
  foreach counted in array array['rate_buckets', 'message_counts', 'memory_counts', 'memory_count_changes', 'model_use',
                                 'open_streams'] loop
    execute format('alter table %I enable row level security', counted);
    execute format('alter table %I force row level security', counted);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', counted);
    -- The functions below serve calls of many tenants in one statement.
    execute format('create policy counting on %I to mneme_owner using (true)', counted);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', counted);
  end loop;
end $$;
do $$
declare
  of_project text;
begin
  foreach of_project in array array['memory_counts', 'memory_count_changes', 'model_use', 'open_streams'] loop
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', of_project);
    execute format('alter table %I alter column project_id set (n_distinct = 1)', of_project);
  end loop;
end $$;

-- Leases tokens of many buckets. `holds` is what the replica still has of each, `returns` what it gives back. What it
-- got is its own for `lease` seconds; it stops spending some time before that.
create function lease_rates(replica uuid, lease double precision, tenants uuid[], scopes uuid[], rates double precision[],
                            bursts double precision[], wants integer[], holds integer[], returns integer[])
  returns table (place integer, granted integer, available double precision)
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare
  asked record;
  bucket mneme.rate_buckets;
  moment double precision;
  ended record;
  held double precision;
begin
  -- In one order, so that two replicas wait for each other and not both for ever.
  for asked in
    select * from unnest(tenants, scopes, rates, bursts, wants, holds, returns) with ordinality
      as u (tenant_id, scope_id, rate, burst, want, held, returned, place) order by u.tenant_id, u.scope_id
  loop
    insert into mneme.rate_buckets (tenant_id, scope_id, tokens, refilled_at)
    values (asked.tenant_id, asked.scope_id, asked.burst, extract(epoch from clock_timestamp()))
    on conflict do nothing;
    select * into bucket from mneme.rate_buckets b
    where b.tenant_id = asked.tenant_id and b.scope_id = asked.scope_id for update;
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
    update mneme.rate_buckets b set tokens = available, refilled_at = moment, leases = bucket.leases
    where b.tenant_id = asked.tenant_id and b.scope_id = asked.scope_id;
    return next;
  end loop;
end $$;

-- Takes `needs` of a day's messages and up to `extras` ahead, or nothing where less than needed is left. Ahead is never
-- taken more than a tenth of what is left, so that little is out of others' reach near the end.
create function lease_messages(tenants uuid[], scopes uuid[], days date[], limits bigint[], needs integer[],
                               extras integer[], returns integer[])
  returns table (place integer, granted integer, still bigint)
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare
  asked record;
  used bigint;
begin
  for asked in
    select * from unnest(tenants, scopes, days, limits, needs, extras, returns) with ordinality
      as u (tenant_id, scope_id, day, most, need, extra, returned, place) order by u.tenant_id, u.scope_id, u.day
  loop
    insert into mneme.message_counts (tenant_id, scope_id, day) values (asked.tenant_id, asked.scope_id, asked.day)
    on conflict do nothing;
    select c.taken into used from mneme.message_counts c
    where c.tenant_id = asked.tenant_id and c.scope_id = asked.scope_id and c.day = asked.day for update;
    used := greatest(0, used - asked.returned);
    still := asked.most - used;
    granted := case when still < asked.need then 0
      else asked.need + least(asked.extra, (still - asked.need) / 10) end;
    still := still - granted;
    place := asked.place;
    update mneme.message_counts c set taken = used + granted
    where c.tenant_id = asked.tenant_id and c.scope_id = asked.scope_id and c.day = asked.day;
    return next;
  end loop;
end $$;

create function count_memories() returns trigger
  language plpgsql security definer set search_path = mneme, pg_temp as $$
begin
  insert into mneme.memory_count_changes (tenant_id, project_id, change)
  select tenant_id, project_id, count(*) * case tg_op when 'INSERT' then 1 else -1 end
  from changed group by tenant_id, project_id;
  return null;
end $$;
create trigger memories_added after insert on memories referencing new table as changed
  for each statement execute function count_memories();
create trigger memories_removed after delete on memories referencing old table as changed
  for each statement execute function count_memories();

create policy counting on memories for select to mneme_owner using (true);
insert into memory_counts select tenant_id, project_id, count(*) from memories group by tenant_id, project_id;
drop policy counting on memories;

-- Adds up to `most` changes to the counts. One at a time: who else comes leaves it to the one that is at it.
create function fold_memory_counts(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare folded integer;
begin
  if not pg_try_advisory_xact_lock(hashtext('mneme fold_memory_counts')) then return 0; end if;
  with gone as (
    delete from mneme.memory_count_changes
    where ctid = any (array(select ctid from mneme.memory_count_changes limit most))
    returning tenant_id, project_id, change),
  summed as (
    insert into mneme.memory_counts
    select tenant_id, project_id, sum(change) from gone group by tenant_id, project_id
    on conflict (tenant_id, project_id) do update set held = memory_counts.held + excluded.held)
  select count(*) into folded from gone;
  return folded;
end $$;

-- A month of days is kept for who asks what was used.
create function remove_old_message_counts(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.message_counts where ctid = any (array(
    select ctid from mneme.message_counts where day < current_date - 35 limit most for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;

-- Opens a stream where no level has as many as it may; null is no limit. Returns the level that is full, or null.
create function open_stream(replica uuid, lease interval, tenant uuid, stream uuid, project uuid, api_key uuid,
                            tenant_most integer, project_most integer, key_most integer) returns text
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare
  at_key integer;
  at_project integer;
  at_tenant integer;
begin
  -- What counts and what is added must be one step.
  perform pg_advisory_xact_lock(hashtext('mneme open_stream'), hashtext(tenant::text));
  delete from mneme.open_streams s where s.tenant_id = tenant and s.until < clock_timestamp();
  select count(*) filter (where s.api_key_id = api_key), count(*) filter (where s.project_id = project), count(*)
  into at_key, at_project, at_tenant from mneme.open_streams s where s.tenant_id = tenant;
  if at_key >= key_most then return 'api_key'; end if;
  if at_project >= project_most then return 'project'; end if;
  if at_tenant >= tenant_most then return 'tenant'; end if;
  insert into mneme.open_streams values (tenant, stream, project, api_key, replica, clock_timestamp() + lease);
  return null;
end $$;

-- Those of a replica that it still has open; a row that was taken for gone comes back.
create function hold_streams(replica uuid, lease interval, tenants uuid[], streams uuid[], projects uuid[], api_keys uuid[])
  returns void
  language sql security definer set search_path = mneme, pg_temp
begin atomic
  insert into mneme.open_streams
  select u.tenant_id, u.id, u.project_id, u.api_key_id, replica, clock_timestamp() + lease
  from unnest(tenants, streams, projects, api_keys) as u (tenant_id, id, project_id, api_key_id)
  order by u.tenant_id, u.id
  on conflict (tenant_id, id) do update set until = excluded.until;
end;

create function close_streams(tenants uuid[], streams uuid[]) returns void
  language sql security definer set search_path = mneme, pg_temp
begin atomic
  delete from mneme.open_streams s using unnest(tenants, streams) as u (tenant_id, id)
  where s.tenant_id = u.tenant_id and s.id = u.id;
end;

revoke all on function
  lease_rates(uuid, double precision, uuid[], uuid[], double precision[], double precision[], integer[], integer[], integer[]),
  lease_messages(uuid[], uuid[], date[], bigint[], integer[], integer[], integer[]),
  count_memories(), fold_memory_counts(integer), remove_old_message_counts(integer),
  open_stream(uuid, interval, uuid, uuid, uuid, uuid, integer, integer, integer),
  hold_streams(uuid, interval, uuid[], uuid[], uuid[], uuid[]), close_streams(uuid[], uuid[]) from public;
grant execute on function
  lease_rates(uuid, double precision, uuid[], uuid[], double precision[], double precision[], integer[], integer[], integer[]),
  lease_messages(uuid[], uuid[], date[], bigint[], integer[], integer[], integer[]),
  fold_memory_counts(integer), remove_old_message_counts(integer),
  open_stream(uuid, interval, uuid, uuid, uuid, uuid, integer, integer, integer),
  hold_streams(uuid, interval, uuid[], uuid[], uuid[], uuid[]), close_streams(uuid[], uuid[]) to mneme_app;
grant select on message_counts, memory_counts, memory_count_changes, model_use to mneme_app;
grant insert, update on model_use to mneme_app;
