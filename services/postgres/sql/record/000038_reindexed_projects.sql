-- Projects whose memories the index holds as an older setting had them: in another language, or by another embedder.
-- Searches read what is there either way, and say so, until maintenance has had all of them indexed anew.
create table reindexed_projects (
  tenant_id uuid not null,
  project_id uuid not null,
  -- Languages that documents may still be indexed in; the one that holds may be among them.
  languages text[] not null,
  since timestamptz not null default now(),
  -- Memories up to this one are marked; null where none is.
  after uuid,
  -- Set once all are: versions that the index lacks up to this revision are those that it waits for.
  marked_until bigint,
  primary key (tenant_id, project_id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
alter table reindexed_projects enable row level security;
alter table reindexed_projects force row level security;
create policy tenant on reindexed_projects using (tenant_id = current_tenant());
create policy project on reindexed_projects as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
grant select, insert, update, delete on reindexed_projects to mneme_app;
alter table reindexed_projects alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);

-- A second change begins anew, and forgets none of the languages before.
create function reindex_project(of_tenant uuid, of_project uuid, language text) returns void
  language sql set search_path = mneme, pg_temp as $$
  insert into mneme.reindexed_projects as r (tenant_id, project_id, languages)
  values (of_tenant, of_project, array[language])
  on conflict (tenant_id, project_id) do update
  set languages = array(select distinct unnest(r.languages || excluded.languages)), since = now(), after = null,
      marked_until = null
$$;

-- Both levels of settings lead here whoever writes them, and in one transaction with the change.
create function note_project_settings() returns trigger language plpgsql set search_path = mneme, pg_temp as $$
declare tenants_own jsonb;
begin
  select settings into tenants_own from mneme.tenants where id = new.tenant_id;
  if coalesce(old.settings ->> 'language', tenants_own ->> 'language', 'en')
       is distinct from coalesce(new.settings ->> 'language', tenants_own ->> 'language', 'en')
     or coalesce(old.settings #>> '{models,embedder}', tenants_own #>> '{models,embedder}')
       is distinct from coalesce(new.settings #>> '{models,embedder}', tenants_own #>> '{models,embedder}') then
    perform mneme.reindex_project(
      new.tenant_id, new.id, coalesce(old.settings ->> 'language', tenants_own ->> 'language', 'en'));
  end if;
  return null;
end $$;
create trigger project_settings_changed after update of settings on projects
  for each row execute function note_project_settings();

create function note_tenant_settings() returns trigger language plpgsql set search_path = mneme, pg_temp as $$
begin
  perform mneme.reindex_project(
    p.tenant_id, p.id, coalesce(p.settings ->> 'language', old.settings ->> 'language', 'en'))
  from mneme.projects p
  where p.tenant_id = new.id
    and ((p.settings ->> 'language' is null
          and coalesce(old.settings ->> 'language', 'en') <> coalesce(new.settings ->> 'language', 'en'))
      or (p.settings #>> '{models,embedder}' is null
          and old.settings #>> '{models,embedder}' is distinct from new.settings #>> '{models,embedder}'));
  return null;
end $$;
create trigger tenant_settings_changed after update of settings on tenants
  for each row execute function note_tenant_settings();

-- As in 000024: names over all tenants what is due, for it to be worked inside each tenant's own fence. Not before every
-- process knows of the change, or one would read only what has just been written anew.
create policy due on reindexed_projects for select to mneme_owner using (true);
create function list_reindexed_projects(most integer) returns table (tenant_id uuid, project_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select r.tenant_id, r.project_id from mneme.reindexed_projects r
  where r.since < now() - interval '10 seconds' order by r.since limit most;
end;
revoke all on function list_reindexed_projects(integer) from public;
grant execute on function list_reindexed_projects(integer) to mneme_app;
