-- Memory that is shared with a whole project, or with all projects of a tenant. It is kept and fenced as a team's is: its
-- team_id is this name of the project or the tenant, which is nobody's id, so that a grant of the one is none of the other.
create function wide_scope(sharing uuid) returns uuid
  language sql immutable parallel safe
  return encode(substring(sha256(convert_to('wide/' || sharing::text, 'UTF8')) from 1 for 16), 'hex')::uuid;

-- A grant of such memory: of what, by the id that people know.
alter table grants
  add column wide_kind text check (wide_kind in ('project', 'tenant')),
  add column wide_of uuid,
  add check ((wide_kind is null) = (wide_of is null)),
  add check (wide_kind is null or team_id = wide_scope(wide_of)),
  drop constraint grants_tenant_id_team_id_fkey,
  add column team_ref uuid generated always as (case when wide_kind is null then team_id end) stored,
  add foreign key (tenant_id, team_ref) references teams (tenant_id, id) on delete cascade;

-- As before, and what is shared with a project is reached by its own keys.
create or replace function reachable_teams(principals uuid[], wanted text) returns setof uuid
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
  select g.team_id
  from reached r join mneme.grants g on g.tenant_id = mneme.current_tenant() and g.grantee_id = r.id
  where r.depth < 4 and (g.expires_at is null or g.expires_at > now())
    and (wanted = 'read' or g.access = 'write')
  union
  select mneme.wide_scope(mneme.current_project()) where mneme.current_project() = any (principals);
end;

-- What is shared with the whole tenant is read from every project, by whom a grant lets; it is written where it lies.
drop policy project on memories;
create policy project on memories as restrictive for select
  using ((select current_project()) is null or project_id = (select current_project())
         or team_id = (select wide_scope(current_tenant())));
create policy project_writing on memories as restrictive for update
  using ((select current_project()) is null or project_id = (select current_project()));
create policy project_adding on memories as restrictive for insert
  with check ((select current_project()) is null or project_id = (select current_project()));
create policy project_deleting on memories as restrictive for delete
  using ((select current_project()) is null or project_id = (select current_project()));

-- Whether somebody told what these may read: whose memory is shown must be known to be behind no fence.
create function shares_memory(subject uuid, principals uuid[]) returns boolean
  language sql stable parallel safe
begin atomic
  select exists (select from mneme.memories m where m.tenant_id = mneme.current_tenant() and m.subject_id = subject
    -- So that an index serves; what is shared with the tenant lies in its default project.
    and m.project_id in (mneme.current_project(),
      (select t.default_project_id from mneme.tenants t where t.id = mneme.current_tenant()))
    and m.team_id = any (array(select mneme.reachable_teams(principals, 'read'))));
end;
drop policy person on subjects;
create policy person on subjects as restrictive for select
  using ((select current_subject()) is null or id = (select current_subject())
         or shares_memory(id, current_principals()));
create policy person_writing on subjects as restrictive for update
  using ((select current_subject()) is null or id = (select current_subject()));
create policy person_adding on subjects as restrictive for insert
  with check ((select current_subject()) is null or id = (select current_subject()));
create policy person_deleting on subjects as restrictive for delete
  using ((select current_subject()) is null or id = (select current_subject()));

-- A user's token reads what is shared with its user, whoever told it; it writes what its user told.
drop policy person on memories;
create policy person on memories as restrictive for select
  using ((select current_subject()) is null or subject_id = (select current_subject())
         or team_id = any (array(select reachable_teams(current_principals(), 'read'))));
create policy person_writing on memories as restrictive for update
  using ((select current_subject()) is null or subject_id = (select current_subject()));
create policy person_adding on memories as restrictive for insert
  with check ((select current_subject()) is null or subject_id = (select current_subject()));
create policy person_deleting on memories as restrictive for delete
  using ((select current_subject()) is null or subject_id = (select current_subject()));
