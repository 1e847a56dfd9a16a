-- The newest sign of life that the last look at a person found in a project: until that is older than the project's days
-- they are not away, and nobody looks; what came since only keeps them longer.
create table person_looks (
  tenant_id uuid not null,
  project_id uuid not null,
  subject_id uuid not null,
  epoch integer not null,
  alive_at timestamptz not null,
  primary key (tenant_id, project_id, subject_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
) with (fillfactor = 70);
create index person_looks_subject on person_looks (tenant_id, subject_id);
alter table person_looks alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);
alter table person_looks enable row level security;
alter table person_looks force row level security;
create policy tenant on person_looks using (tenant_id = current_tenant());
create policy project on person_looks as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on person_looks as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
grant select, insert, update, delete on person_looks to mneme_app;

-- What a person has that is not archived: who has much in the archive is looked at without reading that.
create index memories_present on memories (tenant_id, project_id, subject_id) where archived_at is null;

-- Somebody works on what was archived of a person while they were away: their archive is not read to learn of it.
create function note_return() returns trigger language plpgsql set search_path = mneme, pg_temp as $$
begin
  insert into person_activity (tenant_id, project_id, subject_id, epoch, searched_at)
  select new.tenant_id, new.project_id, s.id, s.epoch, clock_timestamp() from subjects s
  where s.tenant_id = new.tenant_id and s.id = new.subject_id and s.epoch = new.epoch and s.state = 'active'
  on conflict (tenant_id, project_id, subject_id) do update
  set epoch = excluded.epoch, searched_at = greatest(person_activity.searched_at, excluded.searched_at);
  return null;
end $$;
create trigger memories_of_the_away after update of current_version on memories for each row
  when (old.current_version is distinct from new.current_version and new.archive_reason = 'inactive'
        and new.team_id is null and new.subject_id is not null)
  execute function note_return();
