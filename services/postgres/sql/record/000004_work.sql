-- request_id may be anything an application likes, so only its keyed hash is kept; the result holds ids
-- and counts.
create table idempotency (
  tenant_id uuid not null,
  rpc text not null,
  request_mac bytea not null,
  body_mac bytea not null,
  result jsonb not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, rpc, request_mac)
);
create index idempotency_age on idempotency (created_at);

-- What must be told to Temporal, written in the transaction that caused it.
create table outbox (
  id bigint generated always as identity primary key,
  tenant_id uuid not null,
  topic text not null,
  -- For ingest: the bucket.
  key text not null,
  created_at timestamptz not null default now()
);

create function notify_outbox() returns trigger language plpgsql as $$
begin
  perform pg_notify('mneme_outbox', '');
  return null;
end $$;
create trigger outbox_notify after insert on outbox for each statement execute function notify_outbox();

create function notify_extraction() returns trigger language plpgsql as $$
begin
  perform pg_notify('mneme_extraction', new.id::text);
  return null;
end $$;
-- A commit that notifies waits for every other one on the server that does. So only a new state is told at once: who
-- follows a longer work sees its counts and tries when looking again.
create trigger extraction_notify after update of state on extractions
  for each row when (old.state is distinct from new.state) execute function notify_extraction();

create table session_windows (
  tenant_id uuid not null,
  -- The session's scope_ref.
  session_id uuid not null,
  project_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  task_state_ct bytea,
  turn_count bigint not null default 0,
  revision bigint not null default 1,
  expires_at timestamptz not null,
  primary key (tenant_id, project_id, session_id)
);
create index session_windows_expiry on session_windows (expires_at);

create table session_turns (
  tenant_id uuid not null,
  project_id uuid not null,
  session_id uuid not null,
  position bigint not null,
  body_ct bytea not null,
  primary key (tenant_id, project_id, session_id, position),
  foreign key (tenant_id, project_id, session_id)
    references session_windows (tenant_id, project_id, session_id) on delete cascade
);
