-- When a memory may have faded at the soonest, by its project's rules and as it was when that was looked at: being told,
-- used or restored puts it off. A night's work looks at those whose time has come; a new version's is not known.
alter table memories add column fades_at timestamptz not null default '-infinity';
create index memories_fading on memories (tenant_id, project_id, fades_at) where archived_at is null and state = 'active';

create function forget_fading() returns trigger language plpgsql set search_path = mneme, pg_temp as $$
begin
  new.fades_at := '-infinity';
  return new;
end $$;
create trigger memories_changed before update of current_version on memories
  for each row when (old.current_version is distinct from new.current_version) execute function forget_fading();

-- By which rules all memories of a project were looked at: by others all are looked at anew.
create table fading_rules (
  tenant_id uuid not null,
  project_id uuid not null,
  rule text not null,
  primary key (tenant_id, project_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id) on delete cascade
);
alter table fading_rules enable row level security;
alter table fading_rules force row level security;
create policy tenant on fading_rules using (tenant_id = current_tenant());
create policy project on fading_rules as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
alter table fading_rules alter column tenant_id set (n_distinct = 10);
grant select, insert, update, delete on fading_rules to mneme_app;
