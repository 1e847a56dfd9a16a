-- The graph as it is read: through the memories that tell it, and by nobody who may not read those.

-- A name as this memory writes it, sealed as the memory is; and how long its words have named it. What an entity is called
-- is read from here, so that nobody is shown how somebody else writes it. Rows from before have the entity's own name.
alter table memory_entities
  add column subject_id uuid,
  add column name_ct bytea,
  add column recorded_from timestamptz not null default '-infinity',
  add column recorded_to timestamptz;
alter table entities alter column name_ct drop not null;
-- Whose memory tells it: what one person knows of a name that thousands mention is found without reading the others'.
alter table relations add column subject_id uuid;

create policy older on memories for select to mneme_owner using (true);
create policy older on relations to mneme_owner using (true);
create policy older on memory_entities to mneme_owner using (true);
update relations r set subject_id = m.subject_id
  from memories m where m.tenant_id = r.tenant_id and m.id = r.memory_id and m.subject_id is not null;
update memory_entities t set subject_id = m.subject_id
  from memories m where m.tenant_id = t.tenant_id and m.id = t.memory_id and m.subject_id is not null;
drop policy older on memories;
drop policy older on relations;
drop policy older on memory_entities;

drop index memory_entities_entity;
create index memory_entities_entity on memory_entities (tenant_id, entity_id, subject_id, memory_id desc);
drop index relations_source;
create index relations_source on relations (tenant_id, source_entity_id, subject_id, id desc);
drop index relations_target;
create index relations_target on relations (tenant_id, target_entity_id, subject_id, id desc);

-- What names alike are found by, where they are compared: within one person's stream (or a shared one), and within one
-- audience of it. Keyed hashes of a name, its tokens and its ends.
create table entity_keys (
  tenant_id uuid not null,
  stream_id uuid not null,
  audience uuid not null,
  key_mac bytea not null,
  entity_id uuid not null,
  primary key (tenant_id, stream_id, audience, key_mac, entity_id),
  foreign key (tenant_id, entity_id) references entities (tenant_id, id) on delete cascade,
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade
);
create index entity_keys_entity on entity_keys (tenant_id, entity_id, stream_id, audience);

-- Two names that are one, for those who read where it was found: a rule finds it in a stream's audience and it holds
-- wherever that is read; by hand it holds in the scope that was named, and in all that are within that.
create table entity_merges (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid,
  audience uuid,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  -- The smaller id first.
  entity_id uuid not null,
  other_id uuid not null,
  rule text not null check (rule in ('name', 'alias', 'part', 'similar', 'hand')),
  -- Of an alias, the memory that tells it: it goes with that.
  memory_id uuid,
  merged_at timestamptz not null default now(),
  -- Split again; no rule merges them another time.
  split_at timestamptz,
  primary key (tenant_id, id),
  unique nulls not distinct
    (tenant_id, entity_id, other_id, stream_id, audience, subject_id, epoch, agent_id, app_id, team_id),
  check (entity_id < other_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade,
  foreign key (tenant_id, entity_id) references entities (tenant_id, id) on delete cascade,
  foreign key (tenant_id, other_id) references entities (tenant_id, id) on delete cascade,
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index entity_merges_other on entity_merges (tenant_id, other_id);
create index entity_merges_stream on entity_merges (tenant_id, stream_id);
create index entity_merges_memory on entity_merges (tenant_id, memory_id) where memory_id is not null;

do $$
declare
  fenced text;
begin
  foreach fenced in array array['entity_keys', 'entity_merges'] loop
    execute format('alter table %I enable row level security', fenced);
    execute format('alter table %I force row level security', fenced);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', fenced);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10)', fenced);
  end loop;
end $$;
alter table entity_merges alter column project_id set (n_distinct = 1);
create policy project on entity_merges as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on entity_merges as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
create policy team on entity_merges as restrictive
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'read'))));
create policy team_writing on entity_merges as restrictive for update
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
create policy team_adding on entity_merges as restrictive for insert
  with check (team_id is null or (select current_principals()) is null
              or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
grant select, insert, update, delete on entity_keys, entity_merges to mneme_app;
