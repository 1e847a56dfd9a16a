-- A batch remembers where it was sent, and that nothing of it may stay there.
alter table model_batches
  -- Which server, by its address; null until it is sent, and of those from before this was kept.
  add column server text,
  -- How often somebody was about to send it, or found that another had: whoever counted less is too late.
  add column sends integer not null default 0,
  -- Its server was asked for the end because somebody whose words it has is gone; the others are asked for again.
  add column is_cut boolean not null default false,
  -- Why files may be left with its server, where closing it was given up.
  add column left_reason text check (left_reason in ('unreachable', 'still_going', 'unknown_server'));
alter table model_batches drop constraint model_batches_state_check;
alter table model_batches add constraint model_batches_state_check
  check (state in ('gathered', 'sending', 'sent', 'closing', 'closed'));

-- Streams, over all tenants, that have waited for a batch for longer than they may.
create function list_overdue_streams(most integer)
  returns table (tenant_id uuid, project_id uuid, batch_id uuid, stream_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select s.tenant_id, s.project_id, s.batch_id, s.id from mneme.streams s
  where s.batch_since is not null and s.held_until <= now()
  order by s.held_until limit most;
end;
revoke all on function list_overdue_streams(integer) from public;
grant execute on function list_overdue_streams(integer) to mneme_app;
