-- Conversations that are read again in another way, beside what is known of them.
create table replays (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  -- The scope that it is of; none is the project.
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  -- Teams whose memory who started it may write; null where there are none to be told apart.
  teams uuid[],
  state text not null default 'queued'
    check (state in ('queued', 'running', 'waiting', 'ready', 'promoting', 'promoted', 'cancelled', 'discarded')),
  -- JSON, as an administrator set it: extraction and models, which stand before the project's settings.
  settings jsonb not null,
  -- JSON: percent, most streams, seed.
  sample jsonb not null,
  -- What read last, and what decides where that is a model.
  extractor text not null default '',
  reconciler text not null default '',
  -- JSON, counts alone: as of its last step.
  totals jsonb not null default '{}',
  -- Of a replay that waits for a budget.
  waiting_until timestamptz,
  created_at timestamptz not null default now(),
  -- Of its last step: who goes on with a forgotten one knows it by that.
  stepped_at timestamptz not null default now(),
  ready_at timestamptz,
  ended_at timestamptz,
  -- Nothing of the shadow is kept longer.
  expires_at timestamptz not null default now() + interval '14 days',
  -- Nothing of it is left.
  cleared boolean not null default false,
  primary key (tenant_id, id),
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index replays_listed on replays (tenant_id, project_id, id desc);
create index replays_subject on replays (tenant_id, subject_id) where subject_id is not null;
create index replays_expiring on replays (expires_at) where not cleared;

-- How far each chosen stream is read. Positions after `upto` came later, and are read when it is promoted.
create table replay_streams (
  tenant_id uuid not null,
  replay_id uuid not null,
  stream_id uuid not null,
  project_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'promoted')),
  through bigint not null default 0,
  upto bigint not null,
  attempts integer not null default 0,
  failure_reason text,
  -- JSON: who speaks, and the summary of each audience.
  notes_ct bytea,
  messages integer not null default 0,
  calls integer not null default 0,
  known_answers integer not null default 0,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  picodollars numeric(38, 0) not null default 0,
  unpriced_tokens bigint not null default 0,
  milliseconds bigint not null default 0,
  -- JSON, counts alone: what became of memories by change, kind and category, and what was left out by reason.
  counts jsonb not null default '[]',
  primary key (tenant_id, replay_id, stream_id),
  foreign key (tenant_id, replay_id) references replays (tenant_id, id) on delete cascade,
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index replay_streams_open on replay_streams (tenant_id, replay_id, state, stream_id);
create index replay_streams_subject on replay_streams (tenant_id, subject_id) where subject_id is not null;

-- What a replay read: memories that no read of memories, no index, no graph and no count knows.
create table replay_memories (
  tenant_id uuid not null,
  replay_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  team_id uuid,
  -- JSON: the statement with all that is kept of it, but for its vector.
  body_ct bytea not null,
  vector_ct bytea not null,
  embedding_model text not null,
  kind text not null check (kind in ('semantic', 'episodic', 'procedural')),
  category text not null,
  -- JSON: message ids and offsets.
  sources jsonb not null,
  primary key (tenant_id, replay_id, id),
  foreign key (tenant_id, replay_id, stream_id) references replay_streams (tenant_id, replay_id, stream_id)
    on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index replay_memories_stream on replay_memories (tenant_id, stream_id, replay_id);
create index replay_memories_subject on replay_memories (tenant_id, subject_id) where subject_id is not null;

-- What a replay found otherwise. Words stand in the memories of either side alone.
create table replay_differences (
  tenant_id uuid not null,
  replay_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  change text not null check (change in ('added', 'removed', 'changed')),
  kind text not null check (kind in ('semantic', 'episodic', 'procedural')),
  category text not null,
  fields text[] not null,
  memory_id uuid,
  memory_version integer,
  shadow_id uuid,
  -- kept: feedback was given on the memory, which no replay changes.
  state text not null default 'open' check (state in ('open', 'applied', 'kept')),
  primary key (tenant_id, replay_id, id),
  foreign key (tenant_id, replay_id, stream_id) references replay_streams (tenant_id, replay_id, stream_id)
    on delete cascade,
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index replay_differences_change on replay_differences (tenant_id, replay_id, change, id);
create index replay_differences_stream on replay_differences (tenant_id, stream_id, replay_id);
create index replay_differences_memory on replay_differences (tenant_id, memory_id) where memory_id is not null;
create index replay_differences_subject on replay_differences (tenant_id, subject_id) where subject_id is not null;

do $$
declare
  fenced text;
begin
  foreach fenced in array array['replays', 'replay_streams', 'replay_memories', 'replay_differences'] loop
    execute format('alter table %I enable row level security', fenced);
    execute format('alter table %I force row level security', fenced);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', fenced);
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', fenced);
    execute format('create policy person on %I as restrictive
      using ((select current_subject()) is null or subject_id = (select current_subject()))', fenced);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10),
      alter column project_id set (n_distinct = 1)', fenced);
    execute format('grant select, insert, update, delete on %I to mneme_app', fenced);
  end loop;
  foreach fenced in array array['replays', 'replay_memories'] loop
    execute format('create policy team on %I as restrictive
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''read''))))', fenced);
    execute format('create policy team_writing on %I as restrictive for update
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced);
    execute format('create policy team_adding on %I as restrictive for insert
      with check (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced);
    execute format('create policy team_deleting on %I as restrictive for delete
      using (team_id is null or (select current_principals()) is null
             or team_id = any (array(select reachable_teams(current_principals(), ''write''))))', fenced);
  end loop;
end $$;

-- A replay that reads, promotes or is to be cleared, and that nobody goes on with; and one whose time is over.
create policy forgotten on replays to mneme_owner using (not cleared);
create policy waking_replays on outbox to mneme_owner using (topic = 'replay');
create function wake_forgotten_replays(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  update mneme.replays r set state = 'discarded', ended_at = now(), stepped_at = now() - idle
  where not r.cleared and r.expires_at < now() and r.state in ('queued', 'running', 'waiting', 'ready');
  insert into mneme.outbox (tenant_id, topic, key)
  select r.tenant_id, 'replay', r.id::text from mneme.replays r
  where not r.cleared and r.stepped_at <= now() - idle
    and (r.state not in ('ready', 'promoted') or r.expires_at < now())
    and not exists (select from mneme.outbox o where o.tenant_id = r.tenant_id and o.topic = 'replay'
      and o.key = r.id::text)
  limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;
revoke all on function wake_forgotten_replays(interval, integer) from public;
grant execute on function wake_forgotten_replays(interval, integer) to mneme_app;
