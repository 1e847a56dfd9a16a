-- When a memory's review was last held: it is refreshed by what was told or used of it since.
alter table memories add column reviewed_at timestamptz;

-- A memory may leave for the archive because its scope is full.
alter table memories drop constraint memories_archive_reason_check,
  add constraint memories_archive_reason_check
    check (archive_reason in ('by_hand', 'consolidated', 'faded', 'inactive', 'stale', 'full'));
alter table memory_archivings drop constraint memory_archivings_reason_check,
  add constraint memory_archivings_reason_check
    check (reason in ('by_hand', 'consolidated', 'faded', 'inactive', 'stale', 'full'));

-- What reviews did, for 90 days; of a memory that was removed its id alone is left. Goes with the person.
create table memory_reviews (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  memory_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  session_id uuid,
  action text not null check (action in ('refreshed', 'downgraded', 'archived', 'removed')),
  due_at timestamptz not null,
  reviewed_at timestamptz not null,
  confidence_before real not null,
  confidence_after real not null,
  next_review_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index memory_reviews_listed on memory_reviews (tenant_id, project_id, id desc);
create index memory_reviews_subject on memory_reviews (tenant_id, subject_id) where subject_id is not null;
create index memory_reviews_old on memory_reviews (tenant_id, reviewed_at);
alter table memory_reviews alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);
alter table memory_reviews enable row level security;
alter table memory_reviews force row level security;
create policy tenant on memory_reviews using (tenant_id = current_tenant());
create policy project on memory_reviews as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on memory_reviews as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
create policy team on memory_reviews as restrictive
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'read'))));
create policy team_adding on memory_reviews as restrictive for insert
  with check (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
create policy team_writing on memory_reviews as restrictive for update
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
create policy team_deleting on memory_reviews as restrictive for delete
  using (team_id is null or (select current_principals()) is null
         or team_id = any (array(select reachable_teams(current_principals(), 'write'))));
grant select, insert, update, delete on memory_reviews to mneme_app;
