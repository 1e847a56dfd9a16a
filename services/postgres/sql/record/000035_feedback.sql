-- What a giver said last of a memory: a person, or the application itself where there is none. It goes with the memory
-- and with the person. No index and no memory's row is written for it: a search reads it beside the memories that it shows.
create table feedback (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  memory_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  rating text not null check (rating in ('positive', 'negative', 'very_negative')),
  comment_ct bytea,
  -- Of the answer that it was a hit of, if the giver says so; nothing is kept of searches.
  search_id uuid,
  given_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique nulls not distinct (tenant_id, memory_id, subject_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index feedback_newest on feedback (tenant_id, memory_id, given_at desc);
create index feedback_listed on feedback (tenant_id, project_id, id desc);
create index feedback_subject on feedback (tenant_id, subject_id) where subject_id is not null;

-- Searches that should have found something. A report goes with the person whose memories were searched and with the
-- memory that it names, and after 90 days.
create table search_misses (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  -- JSON: the query, and what was expected.
  report_ct bytea not null,
  expected_memory_id uuid,
  search_id uuid,
  reported_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, expected_memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index search_misses_listed on search_misses (tenant_id, project_id, id desc);
create index search_misses_subject on search_misses (tenant_id, subject_id) where subject_id is not null;
create index search_misses_memory on search_misses (tenant_id, expected_memory_id)
  where expected_memory_id is not null;
create index search_misses_old on search_misses (reported_at);

do $$
declare
  said text;
begin
  foreach said in array array['feedback', 'search_misses'] loop
    execute format('alter table %I enable row level security', said);
    execute format('alter table %I force row level security', said);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', said);
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', said);
    execute format('create policy person on %I as restrictive
      using ((select current_subject()) is null or subject_id = (select current_subject()))', said);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10),
      alter column project_id set (n_distinct = 1)', said);
    execute format('grant select, insert, update, delete on %I to mneme_app', said);
  end loop;
end $$;

-- What is said of memories, each saying weighed by its age: half as much after each `half_life`. A user's token ranks by
-- what others said as well, though it may see none of that: these functions look past the person's fence, and tell sums
-- alone. The tenant's and the project's hold. Of a memory that very many rate, the newest count.
create function feedback_on(memories uuid[], giver uuid, half_life interval)
  returns table (memory_id uuid, own_rating text, own_weight double precision, application_rating text,
                 application_weight double precision, positive double precision, negative double precision,
                 very_negative double precision)
  language plpgsql stable set search_path = mneme, pg_temp as $$
declare person text := coalesce(current_setting('mneme.subject_id', true), '');
begin
  perform set_config('mneme.subject_id', '', true);
  return query
  with said as (
    select f.memory_id, f.subject_id, f.rating,
      f.subject_id is not null and f.subject_id is distinct from giver as is_other,
      power(0.5, greatest(0, extract(epoch from now() - f.given_at)) / extract(epoch from half_life))::double precision
        as weight
    from unnest(memories) as m (id)
    cross join lateral (
      (select * from mneme.feedback n where n.tenant_id = mneme.current_tenant() and n.memory_id = m.id
       order by n.given_at desc limit 200)
      union
      (select * from mneme.feedback o where o.tenant_id = mneme.current_tenant() and o.memory_id = m.id
         and o.subject_id = giver)
      union
      (select * from mneme.feedback a where a.tenant_id = mneme.current_tenant() and a.memory_id = m.id
         and a.subject_id is null)) f
    left join mneme.subjects p on p.tenant_id = f.tenant_id and p.id = f.subject_id and p.epoch = f.epoch
      and p.state = 'active'
    where f.subject_id is null or p.id is not null)
  select s.memory_id,
    max(s.rating) filter (where s.subject_id = giver), max(s.weight) filter (where s.subject_id = giver),
    max(s.rating) filter (where s.subject_id is null), max(s.weight) filter (where s.subject_id is null),
    coalesce(sum(s.weight) filter (where s.is_other and s.rating = 'positive'), 0),
    coalesce(sum(s.weight) filter (where s.is_other and s.rating = 'negative'), 0),
    coalesce(sum(s.weight) filter (where s.is_other and s.rating = 'very_negative'), 0)
  from said s group by s.memory_id;
  perform set_config('mneme.subject_id', person, true);
end $$;

-- Whether a search has to ask at all.
create function has_feedback(project uuid) returns boolean
  language plpgsql stable set search_path = mneme, pg_temp as $$
declare
  person text := coalesce(current_setting('mneme.subject_id', true), '');
  answer boolean;
begin
  perform set_config('mneme.subject_id', '', true);
  select exists (select from mneme.feedback f where f.tenant_id = mneme.current_tenant() and f.project_id = project)
    into answer;
  perform set_config('mneme.subject_id', person, true);
  return answer;
end $$;

create policy expired on search_misses to mneme_owner using (reported_at < now() - interval '90 days');
create function remove_old_misses(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.search_misses where ctid = any (array(
    select ctid from mneme.search_misses where reported_at < now() - interval '90 days' limit most
    for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;
revoke all on function feedback_on(uuid[], uuid, interval), has_feedback(uuid), remove_old_misses(integer) from public;
grant execute on function feedback_on(uuid[], uuid, interval), has_feedback(uuid), remove_old_misses(integer)
  to mneme_app;
