-- A replay that can't go on by itself says why, and waits to be resumed or ended.
alter table replays drop constraint replays_state_check, add constraint replays_state_check check
  (state in ('queued', 'running', 'waiting', 'ready', 'promoting', 'promoted', 'cancelled', 'discarded', 'failed'));
alter table replays
  -- Steps in a row that failed by something else than an outage.
  add column attempts integer not null default 0,
  -- A reason of errors.proto, of a failed one.
  add column failure_reason text,
  -- Where a failed one goes on.
  add column failed_from text check (failed_from in ('queued', 'running', 'waiting', 'promoting')),
  -- Streams up to this one were looked at, of a queued one.
  add column chosen_through uuid;

-- Where a stream stands by the sample's seed: of too many, the last ones leave again.
alter table replay_streams add column place bigint not null default 0;
create index replay_streams_placed on replay_streams (tenant_id, replay_id, place, stream_id);
create index streams_by_project on streams (tenant_id, project_id, id);

-- A failed one is nobody's to go on with, until its time is over.
create or replace function wake_forgotten_replays(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  update mneme.replays r set state = 'discarded', ended_at = now(), stepped_at = now() - idle
  where r.ctid = any (array(
    select o.ctid from mneme.replays o
    where not o.cleared and o.expires_at < now() and o.state in ('queued', 'running', 'waiting', 'ready', 'failed')
    order by o.expires_at limit most for update skip locked));
  insert into mneme.outbox (tenant_id, topic, key)
  select r.tenant_id, 'replay', r.id::text from mneme.replays r
  where not r.cleared and r.stepped_at <= now() - idle
    and (r.state not in ('ready', 'promoted', 'failed') or r.expires_at < now())
    and not exists (select from mneme.outbox o where o.tenant_id = r.tenant_id and o.topic = 'replay'
      and o.key = r.id::text)
  order by r.stepped_at limit most for update skip locked;
  get diagnostics woken = row_count;
  return woken;
end $$;
