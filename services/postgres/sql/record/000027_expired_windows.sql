-- An expired window does not exist, though it lies there until it is swept: whoever begins its session anew removes it, also
-- where it is of a team that they may only read, or not even that. The policies of teams hold for the owner too, so for the
-- one statement nobody's grants are looked at; those of tenant, project and person narrow it as ever.
create function remove_expired_window(project uuid, session uuid) returns void
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare principals text := coalesce(current_setting('mneme.principals', true), '');
begin
  perform set_config('mneme.principals', '', true);
  delete from mneme.session_windows w
  where w.tenant_id = mneme.current_tenant() and w.project_id = project and w.session_id = session
    and w.expires_at <= now();
  perform set_config('mneme.principals', principals, true);
end $$;

revoke all on function remove_expired_window(uuid, uuid) from public;
grant execute on function remove_expired_window(uuid, uuid) to mneme_app;
