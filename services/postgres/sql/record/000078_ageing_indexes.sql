-- What nightly work walks over: memories that are held, by project and by stream, and reviews as they fall due.
create index memories_held on memories (tenant_id, project_id, id) where archived_at is null and state = 'active';
create index memories_held_by_stream on memories (tenant_id, stream_id) include (expires_at)
  where archived_at is null and state = 'active';
drop index memories_review;
create index memories_review on memories (tenant_id, project_id, review_at, id)
  where review_at is not null and archived_at is null and state = 'active';

-- What was archived of a person is asked for in one project at every search.
drop index memories_archived;
create index memories_archived on memories (tenant_id, project_id, subject_id, archive_reason) where archived_at is not null;

-- Rows that belong to a memory, or to a stream, are seen by whoever sees that: it knows its project, person and team.
do $$
declare t text;
begin
  foreach t in array array['memory_archivings', 'consolidation_episodes'] loop
    execute format('create policy memory on %1$I as restrictive
      using (((select current_project()) is null and (select current_subject()) is null)
             or exists (select from memories m where m.tenant_id = %1$I.tenant_id and m.id = %1$I.memory_id))', t);
  end loop;
end $$;
create policy stream on deleted_sources as restrictive
  using (((select current_project()) is null and (select current_subject()) is null)
         or exists (select from streams s where s.tenant_id = deleted_sources.tenant_id and s.id = deleted_sources.stream_id));

-- A grant of wide memory goes with the project that it is of, and a tenant's is of that tenant alone.
create policy older on grants to mneme_owner using (true);
create policy older on projects for select to mneme_owner using (true);
delete from grants g where g.wide_kind = 'project'
  and not exists (select from projects p where p.tenant_id = g.tenant_id and p.id = g.wide_of);
drop policy older on grants;
drop policy older on projects;
alter table grants
  add column wide_project uuid generated always as (case when wide_kind = 'project' then wide_of end) stored,
  add foreign key (tenant_id, wide_project) references projects (tenant_id, id) on delete cascade,
  add constraint grants_wide_tenant check (wide_kind is distinct from 'tenant' or wide_of = tenant_id);
create index grants_wide_project on grants (tenant_id, wide_project) where wide_project is not null;
