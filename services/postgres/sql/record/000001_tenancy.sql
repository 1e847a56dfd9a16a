-- Every table carries tenant_id first and forces row-level security; the application's roles own
-- nothing. Content columns (_ct) hold ciphertext that names its key; _mac columns hold keyed hashes.
create function current_tenant() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('mneme.tenant_id', true), '')::uuid;

create table tenants (
  id uuid primary key,
  name text not null,
  -- Keyed hashes of this tenant's outside ids use this key of the key store.
  mac_key_id uuid not null,
  created_at timestamptz not null default now()
);

create table projects (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  name text not null,
  -- Encrypts what belongs to no person.
  key_id uuid not null,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id)
);

create table api_keys (
  tenant_id uuid not null,
  project_id uuid not null,
  id uuid not null,
  -- SHA-256 of the secret, which has 256 random bits: nothing slower is needed.
  key_hash bytea not null unique,
  prefix text not null,
  permissions text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);

-- The one look-up that must work before the tenant is known.
create function authenticate_key(hash bytea)
  returns table (tenant_id uuid, project_id uuid, api_key_id uuid, permissions text[])
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select k.tenant_id, k.project_id, k.id, k.permissions
  from mneme.api_keys k
  where k.key_hash = hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
end;

-- The person behind a user_id. A person who comes back after an erasure is a new epoch.
create table subjects (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  epoch integer not null default 1,
  state text not null default 'active' check (state in ('active', 'fenced', 'erased')),
  user_mac bytea not null,
  user_ct bytea,
  key_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, user_mac)
);

-- Outside ids of agents, apps, teams and sessions. A person's session belongs to the person's key.
create table scope_refs (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  kind text not null check (kind in ('agent', 'app', 'team', 'session')),
  subject_id uuid,
  epoch integer not null default 0,
  ref_mac bytea not null,
  ref_ct bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, kind, ref_mac)
);
create index scope_refs_subject on scope_refs (tenant_id, subject_id) where subject_id is not null;

-- The ordered line of one person's messages (or of a shared scope's), whatever agents and sessions they
-- came through. It is held by an advisory lock while a batch of it is applied.
create table streams (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  -- Identity within the project: person and epoch, or the shared scope's members.
  identity_mac bytea not null,
  -- Which ingest workflow works it; stored, so that the number of buckets may change later.
  bucket smallint not null,
  next_position bigint not null default 1,
  -- Names of those who speak in it, as JSON.
  participants_ct bytea,
  primary key (tenant_id, id),
  unique (tenant_id, project_id, identity_mac),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create index streams_subject on streams (tenant_id, subject_id) where subject_id is not null;

-- What a model has told of a stream so far: to each audience (a set of agent, app and team) its own, for what
-- a person tells one agent is not told to another.
create table stream_summaries (
  tenant_id uuid not null,
  stream_id uuid not null,
  audience uuid not null,
  summary_ct bytea not null,
  primary key (tenant_id, stream_id, audience),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id)
);
