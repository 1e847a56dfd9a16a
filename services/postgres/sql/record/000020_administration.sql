-- What a tenant administers, and what keeps one caller of a tenant from what another may reach.
alter table tenants
  add column state text not null default 'active' check (state in ('active', 'suspended')),
  add column settings jsonb not null default '{}',
  -- Set by the operator; mneme.tenancy.v1.Limits as JSON.
  add column limits jsonb not null default '{}',
  add column default_project_id uuid,
  add column revision bigint not null default 1,
  add column updated_at timestamptz not null default now();
alter table tenants add foreign key (id, default_project_id) references projects (tenant_id, id);

alter table projects
  add column state text not null default 'active' check (state in ('active', 'suspended')),
  add column limits jsonb not null default '{}',
  add column revision bigint not null default 1,
  add column updated_at timestamptz not null default now(),
  add unique (tenant_id, name);

-- A key of the tenant has no project; what roles may do is the code's to say.
drop function authenticate_key(bytea);
alter table api_keys
  alter column project_id drop not null,
  drop column permissions,
  add column name text not null default '',
  add column roles text[] not null default '{}',
  add column limits jsonb not null default '{}',
  add column last_used_at timestamptz,
  -- Who made it; null for the first one.
  add column made_by uuid,
  add column replaced_by uuid;
create index api_keys_list on api_keys (tenant_id, id desc);

-- A team's id is that of its scope_ref, so that scopes and grants speak of the same.
create table teams (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  name_ct bytea not null,
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  foreign key (tenant_id, id) references scope_refs (tenant_id, id)
);

-- grantee_id is the opaque id of a subject, scope_ref, API key or project: unique over all of them.
create table grants (
  tenant_id uuid not null,
  id uuid not null,
  team_id uuid not null,
  grantee_kind text not null check (grantee_kind in ('user', 'agent', 'app', 'team', 'api_key', 'project')),
  grantee_id uuid not null,
  access text not null check (access in ('read', 'write')),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, team_id, grantee_id),
  foreign key (tenant_id, team_id) references teams (tenant_id, id) on delete cascade
);
create index grants_grantee on grants (tenant_id, grantee_id);

-- What the transaction may reach. Background work sets none of it and reaches all of the tenant.
create function current_project() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('mneme.project_id', true), '')::uuid;

-- The person of a user's token.
create function current_subject() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('mneme.subject_id', true), '')::uuid;

-- Whom the call speaks for: its key and project, and the user, agent and app that its scope names.
create function current_principals() returns uuid[]
  language sql stable parallel safe
  return nullif(current_setting('mneme.principals', true), '')::uuid[];

-- Teams whose memory these may read, or write. A grant to a team is a grant to whoever reaches that team, to write to
-- whoever may write there; chains are followed to a depth of 4.
create function reachable_teams(principals uuid[], wanted text) returns setof uuid
  language sql stable parallel safe
begin atomic
  with recursive reached (id, depth) as (
    select unnest(principals), 0
    union
    select g.team_id, r.depth + 1
    from reached r join mneme.grants g
      on g.tenant_id = mneme.current_tenant() and g.grantee_id = r.id
    where r.depth < 4 and (g.expires_at is null or g.expires_at > now())
      and (wanted = 'read' or g.access = 'write')
  )
  select distinct g.team_id
  from reached r join mneme.grants g on g.tenant_id = mneme.current_tenant() and g.grantee_id = r.id
  where r.depth < 4 and (g.expires_at is null or g.expires_at > now())
    and (wanted = 'read' or g.access = 'write');
end;

do $$
declare
  fenced record;
begin
  for fenced in select unnest(array['teams', 'grants']) as name loop
    execute format('alter table %I enable row level security', fenced.name);
    execute format('alter table %I force row level security', fenced.name);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', fenced.name);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', fenced.name);
  end loop;

  -- Within the tenant: restrictive, so that they narrow what the tenant's policy allows. The sub-selects are
  -- evaluated once a statement, not once a row.
  for fenced in select unnest(array['streams', 'extractions', 'messages', 'memories', 'entities',
                                    'session_windows', 'session_turns']) as name loop
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', fenced.name);
  end loop;
  for fenced in select unnest(array['streams', 'extractions', 'messages', 'memories', 'session_windows']) as name loop
    execute format('create policy person on %I as restrictive
      using ((select current_subject()) is null or subject_id = (select current_subject()))', fenced.name);
  end loop;
  for fenced in select unnest(array['extractions', 'memories', 'session_windows']) as name loop
    execute format('create policy team on %I as restrictive
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''read''))))', fenced.name);
    execute format('create policy team_writing on %I as restrictive for update
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced.name);
    execute format('create policy team_adding on %I as restrictive for insert
      with check (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced.name);
    execute format('create policy team_deleting on %I as restrictive for delete
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced.name);
  end loop;
end $$;
create policy person on subjects as restrictive
  using ((select current_subject()) is null or id = (select current_subject()));
create policy person on scope_refs as restrictive
  using ((select current_subject()) is null or subject_id is null or subject_id = (select current_subject()));
-- A project's own key administers that project alone.
create policy project on projects as restrictive
  using ((select current_project()) is null or id = (select current_project()));
create policy project on api_keys as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));

-- The look-ups that must work before the tenant is known. A suspended tenant or project is told apart from an
-- unknown key, for who holds the key may know.
create policy authentication on projects for select to mneme_owner using (true);
create function authenticate_key(hash bytea, wanted_project uuid)
  returns table (tenant_id uuid, project_id uuid, api_key_id uuid, is_of_tenant boolean, roles text[],
                 is_suspended boolean, tenant_limits jsonb, project_limits jsonb, key_limits jsonb)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select k.tenant_id, p.id, k.id, k.project_id is null, k.roles,
    t.state <> 'active' or coalesce(p.state <> 'active', false), t.limits, p.limits, k.limits
  from mneme.api_keys k
  join mneme.tenants t on t.id = k.tenant_id
  -- A key of one project reaches no other, whatever is asked for; a null project says that there is none such.
  left join mneme.projects p on p.tenant_id = k.tenant_id
    and p.id = coalesce(wanted_project, k.project_id, t.default_project_id)
    and (k.project_id is null or p.id = k.project_id)
  where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
end;

-- Uses of keys, counted in memory and told of now and then.
create policy using_keys on api_keys for update to mneme_owner using (true);
create function note_key_uses(ids uuid[], times timestamptz[]) returns void
  language sql security definer set search_path = mneme, pg_temp
begin atomic
  update mneme.api_keys k set last_used_at = u.used_at
  from unnest(ids, times) as u (id, used_at)
  where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.used_at);
end;

-- The bootstrap credential works only as long as the deployment has no live key of an operator.
create function has_operator() returns boolean
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select exists (select from mneme.api_keys k join mneme.tenants t on t.id = k.tenant_id
    where 'operator' = any (k.roles) and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and t.state = 'active');
end;

revoke all on function authenticate_key(bytea, uuid), note_key_uses(uuid[], timestamptz[]), has_operator()
  from public;
grant execute on function authenticate_key(bytea, uuid), note_key_uses(uuid[], timestamptz[]), has_operator()
  to mneme_app;
grant insert, update on tenants, projects, api_keys to mneme_app;
grant select, insert, update, delete on teams, grants to mneme_app;
