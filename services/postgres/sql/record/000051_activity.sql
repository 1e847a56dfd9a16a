-- When a person was last searched for in a project, to some hours: messages and uses are told by others. Who was away for as
-- long as the project sets has their memories archived, and back with the next message or search.
create table person_activity (
  tenant_id uuid not null,
  project_id uuid not null,
  subject_id uuid not null,
  epoch integer not null,
  searched_at timestamptz not null,
  primary key (tenant_id, project_id, subject_id),
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
) with (fillfactor = 70);
alter table person_activity alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);
alter table person_activity enable row level security;
alter table person_activity force row level security;
create policy tenant on person_activity using (tenant_id = current_tenant());
create policy project on person_activity as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on person_activity as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
grant select, insert, update, delete on person_activity to mneme_app;

-- One row a tenant: what the planner is to know of a table that came before this one.
alter table ageing_schedules alter column tenant_id set (n_distinct = -1);
