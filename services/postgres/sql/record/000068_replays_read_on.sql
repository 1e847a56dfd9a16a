-- Kept messages up to `through` that were not there to be read: those of extractions that had failed, and are tried again.
alter table replay_streams add column unread bigint[] not null default '{}';
create index replay_streams_stream on replay_streams (tenant_id, stream_id);

-- The words around what was said, apart: they go with the messages that they are of. Of a shadow from before they are gone.
alter table replay_memories add column window_ct bytea;

-- Who started it, as grants name them: what is taken back from them meanwhile is none of it.
alter table replays add column principals uuid[];

-- Several take turns, each so many at most.
create or replace function wake_forgotten_replays(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  update mneme.replays r set state = 'discarded', ended_at = now(), stepped_at = now() - idle
  where r.ctid = any (array(
    select o.ctid from mneme.replays o
    where not o.cleared and o.expires_at < now() and o.state in ('queued', 'running', 'waiting', 'ready')
    order by o.expires_at limit most for update skip locked));
  insert into mneme.outbox (tenant_id, topic, key)
  select r.tenant_id, 'replay', r.id::text from mneme.replays r
  where not r.cleared and r.stepped_at <= now() - idle
    and (r.state not in ('ready', 'promoted') or r.expires_at < now())
    and not exists (select from mneme.outbox o where o.tenant_id = r.tenant_id and o.topic = 'replay'
      and o.key = r.id::text)
  order by r.stepped_at limit most for update skip locked;
  get diagnostics woken = row_count;
  return woken;
end $$;
