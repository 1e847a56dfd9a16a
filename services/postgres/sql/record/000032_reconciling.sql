-- By which rule, or how a model, reconciling came to this version; null of what was written by hand or before this was kept.
alter table memory_versions add column rule text check (length(rule) between 1 and 64);

-- Which attributes of whom a memory tells: keyed hashes of subject and attribute, as the person's words put them. What
-- is said of the same attribute is found by it, whatever the words are and before the index knows them.
create table memory_slots (
  tenant_id uuid not null,
  stream_id uuid not null,
  slot_mac bytea not null,
  memory_id uuid not null,
  primary key (tenant_id, stream_id, slot_mac, memory_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index memory_slots_memory on memory_slots (tenant_id, memory_id);
alter table memory_slots alter column tenant_id set (n_distinct = 10);
alter table memory_slots enable row level security;
alter table memory_slots force row level security;
create policy tenant on memory_slots using (tenant_id = current_tenant());
grant select, insert, delete on memory_slots to mneme_app;
