-- Summaries that consolidation made of episodes. One that was undone stays as long as its episodes do, so that the same
-- summary is not made again. Ids and times alone: what a summary says is in its memory.
create table consolidations (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  audience uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  -- The summary's memory; gone once it was undone.
  summary_id uuid not null,
  state text not null default 'active' check (state in ('active', 'undone')),
  extractor text not null,
  extractor_version text not null,
  rule text not null,
  created_at timestamptz not null default now(),
  undone_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, summary_id),
  check ((state = 'undone') = (undone_at is not null)),
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index consolidations_listed on consolidations (tenant_id, project_id, id desc);
create index consolidations_subject on consolidations (tenant_id, subject_id, id desc) where subject_id is not null;

create table consolidation_episodes (
  tenant_id uuid not null,
  consolidation_id uuid not null,
  memory_id uuid not null,
  primary key (tenant_id, consolidation_id, memory_id),
  foreign key (tenant_id, consolidation_id) references consolidations (tenant_id, id) on delete cascade,
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index consolidation_episodes_memory on consolidation_episodes (tenant_id, memory_id);

do $$
declare t text;
begin
  foreach t in array array['consolidations', 'consolidation_episodes'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', t);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', t);
    execute format('grant select, insert, update, delete on %I to mneme_app', t);
  end loop;
end $$;
create policy project on consolidations as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on consolidations as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
create policy team on consolidations as restrictive
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'read'))));
create policy team_writing on consolidations as restrictive for update
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
create policy team_adding on consolidations as restrictive for insert
  with check (team_id is null or (select current_principals()) is null
              or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
create policy team_deleting on consolidations as restrictive for delete
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
