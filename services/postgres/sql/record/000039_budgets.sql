-- What models may cost a month, held over all workers. Whoever writes here locks a tenant's row of the month before its
-- projects' and before reservations.
create table model_spend (
  tenant_id uuid not null,
  -- The tenant's id, of all its projects together, or a project's.
  scope_id uuid not null,
  -- Its first day, UTC.
  month date not null,
  picodollars numeric(38, 0) not null default 0,
  tokens bigint not null default 0,
  -- The highest part of its budget, in per cent, that was told of, and which budget that was.
  told smallint not null default 0 check (told in (0, 80, 100)),
  told_microdollars bigint,
  told_tokens bigint,
  primary key (tenant_id, scope_id, month)
) with (fillfactor = 50);

-- Calls that are being made, at the most that they may take. What nobody settles in time was made by a worker that is no
-- more, and is counted as it stands.
create table model_reservations (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  day date not null,
  model text not null,
  purpose text not null,
  input_tokens bigint not null,
  output_tokens bigint not null,
  picodollars numeric(38, 0) not null,
  unpriced_tokens bigint not null,
  until timestamptz not null,
  primary key (tenant_id, id)
);

-- Projects some of whose people wait for a budget: a month's turn, or a change of what they or their tenant set since they
-- were held, lets them go on.
create table held_projects (
  tenant_id uuid not null,
  project_id uuid not null,
  -- From when on a change of settings was not known to who held it.
  held_at timestamptz not null,
  until timestamptz not null,
  primary key (tenant_id, project_id)
);

do $$
declare
  of_cost text;
begin
  foreach of_cost in array array['model_spend', 'model_reservations', 'held_projects'] loop
    execute format('alter table %I enable row level security', of_cost);
    execute format('alter table %I force row level security', of_cost);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', of_cost);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', of_cost);
    execute format('grant select, insert, update, delete on %I to mneme_app', of_cost);
  end loop;
  foreach of_cost in array array['model_reservations', 'held_projects'] loop
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', of_cost);
    execute format('alter table %I alter column project_id set (n_distinct = 1)', of_cost);
  end loop;
end $$;
-- Credentials of one project see what the tenant spends where a budget of the tenant's holds them.
create policy project on model_spend as restrictive
  using ((select current_project()) is null or scope_id in ((select current_project()), tenant_id));

-- What was used before budgets were held.
create policy counting on model_calls for select to mneme_owner using (true);
create policy counting on model_spend to mneme_owner using (true);
insert into model_spend (tenant_id, scope_id, month, picodollars, tokens)
select tenant_id, unnest(array[tenant_id, project_id]), date_trunc('month', day)::date, sum(picodollars),
  sum(input_tokens + cached_input_tokens + output_tokens)
from model_calls group by 1, 2, 3;
drop policy counting on model_calls;
drop policy counting on model_spend;

-- Counts calls whose worker did not live to settle them: all that they might have taken.
create function settle_lost_model_calls(tenant uuid) returns void
  language sql set search_path = mneme, pg_temp
begin atomic
  with lost as (
    delete from mneme.model_reservations where tenant_id = tenant and until < clock_timestamp() returning *),
  counted as (
    insert into mneme.model_calls
    select tenant, project_id, day, model, purpose, count(*), sum(input_tokens), 0, sum(output_tokens), sum(picodollars),
      sum(unpriced_tokens)
    from lost group by project_id, day, model, purpose order by project_id, day, model, purpose
    on conflict (tenant_id, project_id, day, model, purpose) do update set
      calls = model_calls.calls + excluded.calls,
      input_tokens = model_calls.input_tokens + excluded.input_tokens,
      output_tokens = model_calls.output_tokens + excluded.output_tokens,
      picodollars = model_calls.picodollars + excluded.picodollars,
      unpriced_tokens = model_calls.unpriced_tokens + excluded.unpriced_tokens)
  insert into mneme.model_spend (tenant_id, scope_id, month, picodollars, tokens)
  select tenant, s.scope, date_trunc('month', l.day)::date, sum(l.picodollars), sum(l.input_tokens + l.output_tokens)
  from lost l cross join lateral (values (tenant), (l.project_id)) as s (scope)
  group by 2, 3 order by 3, s.scope <> tenant, 2
  on conflict (tenant_id, scope_id, month) do update set
    picodollars = model_spend.picodollars + excluded.picodollars, tokens = model_spend.tokens + excluded.tokens;
end;

-- Notes which part of its budget a scope has spent. Returns 80 or 100 where that was not told yet, else null. Null is no
-- budget; is_full says that a call did not fit in any more.
create function tell_budget(tenant uuid, scope uuid, of_month date, most_microdollars bigint, most_tokens bigint,
                            is_full boolean) returns smallint
  language plpgsql set search_path = mneme, pg_temp as $$
declare
  spend record;
  part smallint;
begin
  if most_microdollars is null and most_tokens is null then return null; end if;
  select * into spend from mneme.model_spend s
  where s.tenant_id = tenant and s.scope_id = scope and s.month = of_month for update;
  part := case
    when is_full or spend.picodollars >= most_microdollars * 1000000::numeric or spend.tokens >= most_tokens then 100
    when spend.picodollars >= most_microdollars * 800000::numeric or spend.tokens >= most_tokens * 0.8 then 80
    else 0 end;
  if spend.told_microdollars is not distinct from most_microdollars
    and spend.told_tokens is not distinct from most_tokens and part <= spend.told then return null; end if;
  update mneme.model_spend s set told = part, told_microdollars = most_microdollars, told_tokens = most_tokens
  where s.tenant_id = tenant and s.scope_id = scope and s.month = of_month;
  return nullif(part, 0);
end $$;

-- Reserves what a call may take at most, where it fits into the budgets of the tenant and of the project beside what is
-- spent and reserved. Null is no budget. Returns who refuses it, 'tenant' or 'project', or null.
create function reserve_model_call(tenant uuid, project uuid, reservation uuid, of_day date, of_model text,
                                   of_purpose text, input bigint, output bigint, cost numeric, unpriced bigint,
                                   lease interval, tenant_microdollars bigint, tenant_tokens bigint,
                                   project_microdollars bigint, project_tokens bigint) returns text
  language plpgsql set search_path = mneme, pg_temp as $$
declare
  of_month date := date_trunc('month', of_day);
  of_tenant record;
  of_project record;
  refused text;
begin
  insert into mneme.model_spend (tenant_id, scope_id, month) values (tenant, tenant, of_month) on conflict do nothing;
  -- From here on one call of a tenant at a time.
  perform from mneme.model_spend s
  where s.tenant_id = tenant and s.scope_id = tenant and s.month = of_month for update;
  perform mneme.settle_lost_model_calls(tenant);
  select s.picodollars + cost as cost, s.tokens + input + output as tokens into of_tenant from mneme.model_spend s
  where s.tenant_id = tenant and s.scope_id = tenant and s.month = of_month;
  insert into mneme.model_spend (tenant_id, scope_id, month) values (tenant, project, of_month) on conflict do nothing;
  select s.picodollars + cost as cost, s.tokens + input + output as tokens into of_project from mneme.model_spend s
  where s.tenant_id = tenant and s.scope_id = project and s.month = of_month for update;
  select case
    when of_project.cost + coalesce(sum(r.picodollars) filter (where r.project_id = project), 0)
        > project_microdollars * 1000000::numeric
      or of_project.tokens + coalesce(sum(r.input_tokens + r.output_tokens) filter (where r.project_id = project), 0)
        > project_tokens then 'project'
    when of_tenant.cost + coalesce(sum(r.picodollars), 0) > tenant_microdollars * 1000000::numeric
      or of_tenant.tokens + coalesce(sum(r.input_tokens + r.output_tokens), 0) > tenant_tokens then 'tenant'
    end into refused
  from mneme.model_reservations r where r.tenant_id = tenant and r.day >= of_month;
  if refused is not null then return refused; end if;
  insert into mneme.model_reservations values (tenant, reservation, project, of_day, of_model, of_purpose, input, output,
    cost, unpriced, clock_timestamp() + lease);
  return null;
end $$;

-- Until when a stream is held; null where it is not. While it is, its messages lie in bucket -1 - bucket, which no
-- workflow works: whoever looks for what waits passes them by, however many they are.
alter table streams add column held_until timestamptz;
create index streams_held on streams (tenant_id, project_id) where held_until is not null;

create policy releasing on held_projects for select to mneme_owner using (true);
create function list_releasable_projects(most integer) returns table (tenant_id uuid, project_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select h.tenant_id, h.project_id from mneme.held_projects h
  join mneme.tenants t on t.id = h.tenant_id
  join mneme.projects p on p.tenant_id = h.tenant_id and p.id = h.project_id
  where h.until <= now() or greatest(t.updated_at, p.updated_at) > h.held_at
  order by h.held_at limit most;
end;

create or replace function wake_forgotten_buckets(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  insert into mneme.outbox (tenant_id, topic, key)
  select f.tenant_id, 'ingest', f.bucket::text from (
    select tenant_id, bucket from mneme.messages
    where state = 'pending' and bucket >= 0 and received_at < now() - idle
    union
    select tenant_id, bucket from mneme.memory_versions
    where indexed_revision < revision and coalesce(recorded_to, recorded_from) < now() - idle
    union
    select tenant_id, bucket from mneme.index_removals where created_at < now() - idle) f
  where not exists (select from mneme.outbox o
    where o.tenant_id = f.tenant_id and o.topic = 'ingest' and o.key = f.bucket::text)
  limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;

revoke all on function settle_lost_model_calls(uuid), tell_budget(uuid, uuid, date, bigint, bigint, boolean),
  reserve_model_call(uuid, uuid, uuid, date, text, text, bigint, bigint, numeric, bigint, interval, bigint, bigint, bigint,
    bigint), list_releasable_projects(integer) from public;
grant execute on function settle_lost_model_calls(uuid), tell_budget(uuid, uuid, date, bigint, bigint, boolean),
  reserve_model_call(uuid, uuid, uuid, date, text, text, bigint, bigint, numeric, bigint, interval, bigint, bigint, bigint,
    bigint), list_releasable_projects(integer) to mneme_app;
