-- What a person's memories mention and tell is that person's, as the memories are.
create policy person on memory_entities as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
create policy person on relations as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));

-- Which of these entities anybody's memory still mentions or tells of: who removes a memory of theirs sees nobody else's,
-- and an entity goes with the last of all.
create function tied_entities(ids uuid[]) returns setof uuid
  language plpgsql set search_path = mneme, pg_temp as $$
declare person text := coalesce(current_setting('mneme.subject_id', true), '');
begin
  perform set_config('mneme.subject_id', '', true);
  return query select i.id from unnest(ids) as i (id)
    where exists (select from mneme.memory_entities t where t.tenant_id = mneme.current_tenant() and t.entity_id = i.id)
      or exists (select from mneme.relations r where r.tenant_id = mneme.current_tenant() and r.source_entity_id = i.id)
      or exists (select from mneme.relations r where r.tenant_id = mneme.current_tenant() and r.target_entity_id = i.id);
  perform set_config('mneme.subject_id', person, true);
end $$;
revoke all on function tied_entities(uuid[]) from public;
grant execute on function tied_entities(uuid[]) to mneme_app;
