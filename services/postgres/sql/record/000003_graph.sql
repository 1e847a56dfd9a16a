-- Entities are merged by name within a project, never across tenants; provenance is by memory.
create table entities (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  name_mac bytea not null,
  name_ct bytea not null,
  type text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, project_id, name_mac, type),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);

-- What any version of a memory mentions: ties of old words stay, for the versions that say them do, and their
-- relations name the entity. They go with the memory, and an entity with its last tie and relation.
create table memory_entities (
  tenant_id uuid not null,
  memory_id uuid not null,
  entity_id uuid not null,
  primary key (tenant_id, memory_id, entity_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, entity_id) references entities (tenant_id, id)
);
create index memory_entities_entity on memory_entities (tenant_id, entity_id);

create table relations (
  tenant_id uuid not null,
  id uuid not null,
  source_entity_id uuid not null,
  type text not null,
  target_entity_id uuid not null,
  memory_id uuid not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  recorded_from timestamptz not null,
  recorded_to timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, source_entity_id) references entities (tenant_id, id),
  foreign key (tenant_id, target_entity_id) references entities (tenant_id, id)
);
create index relations_source on relations (tenant_id, source_entity_id);
create index relations_target on relations (tenant_id, target_entity_id);
create index relations_memory on relations (tenant_id, memory_id);
