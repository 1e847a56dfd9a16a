-- An archived memory is kept with all it has, and found by nobody who searches.
alter table memories
  add column archived_at timestamptz,
  add column archive_reason text check (archive_reason in ('by_hand', 'consolidated', 'faded', 'inactive', 'stale')),
  add constraint memories_archived check ((archived_at is null) = (archive_reason is null));
create index memories_archived on memories (tenant_id, subject_id, archive_reason) where archived_at is not null;

-- When memories were archived and came back, for their history; the newest of a memory is open while it is archived.
create table memory_archivings (
  tenant_id uuid not null,
  memory_id uuid not null,
  archived_at timestamptz not null,
  reason text not null check (reason in ('by_hand', 'consolidated', 'faded', 'inactive', 'stale')),
  restored_at timestamptz,
  restored_because text check (restored_because in ('by_hand', 'told_again', 'returned', 'undone')),
  primary key (tenant_id, memory_id, archived_at),
  check ((restored_at is null) = (restored_because is null)),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
alter table memory_archivings alter column tenant_id set (n_distinct = 10);
alter table memory_archivings enable row level security;
alter table memory_archivings force row level security;
create policy tenant on memory_archivings using (tenant_id = current_tenant());
grant select, insert, update, delete on memory_archivings to mneme_app;

-- What is deleted never comes back to the index; what is archived may, with a later revision.
alter table index_removals add column may_return boolean not null default false;
