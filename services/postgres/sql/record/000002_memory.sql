create sequence index_revision;

create table extractions (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  bucket smallint not null,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  session_id uuid,
  state text not null default 'queued'
    check (state in ('queued', 'running', 'extracted', 'searchable', 'failed', 'dropped')),
  message_count integer not null,
  -- Messages not yet worked; at 0 the extraction is extracted.
  pending_count integer not null,
  added integer not null default 0,
  updated integer not null default 0,
  superseded integer not null default 0,
  unchanged integer not null default 0,
  deleted integer not null default 0,
  dropped integer not null default 0,
  attempts integer not null default 0,
  failure_reason text,
  failed_at timestamptz,
  extractor text,
  metadata_ct bytea,
  created_at timestamptz not null default now(),
  extracted_at timestamptz,
  searchable_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id)
);
create index extractions_list on extractions (tenant_id, project_id, id desc);
create index extractions_stream on extractions (tenant_id, stream_id, id desc);
create index extractions_state on extractions (tenant_id, project_id, state, id desc)
  where state not in ('searchable', 'dropped');
create index extractions_unsearchable on extractions (tenant_id, bucket) where state = 'extracted';

create table messages (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  bucket smallint not null,
  position bigint not null,
  extraction_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  -- Who hears it beside the person: a name for the extraction's agent, app and team together.
  audience uuid not null,
  session_id uuid,
  role text not null check (role in ('user', 'assistant', 'system', 'tool')),
  -- JSON: name, text, tool calls, and the draft of an imported statement. Null once not kept any more.
  body_ct bytea,
  -- Nothing is to be read out of it: it is a statement, to be kept as it is.
  is_finished boolean not null,
  sent_at timestamptz not null,
  received_at timestamptz not null default now(),
  state text not null default 'pending' check (state in ('pending', 'done', 'failed', 'dropped')),
  primary key (tenant_id, id),
  unique (tenant_id, stream_id, position),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id),
  foreign key (tenant_id, extraction_id) references extractions (tenant_id, id)
);
create index messages_pending on messages (tenant_id, bucket, stream_id, position) where state = 'pending';
create index messages_pending_age on messages (tenant_id, bucket, id) where state = 'pending';
create index messages_session on messages (tenant_id, session_id, position) where session_id is not null;
create index messages_extraction on messages (tenant_id, extraction_id, position);
create index messages_subject on messages (tenant_id, subject_id) where subject_id is not null;

create table memories (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  stream_id uuid not null,
  bucket smallint not null,
  subject_id uuid,
  epoch integer not null default 0,
  agent_id uuid,
  app_id uuid,
  team_id uuid,
  -- A name for agent, app and team together: the same statement to another audience is another memory.
  audience uuid not null,
  -- Where it was said first; all are in memory_sessions.
  session_id uuid,
  current_version integer not null,
  -- superseded: its validity ended and replaced_by says by what.
  state text not null default 'active' check (state in ('active', 'superseded')),
  replaced_by uuid,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id)
);
create index memories_list on memories (tenant_id, project_id, subject_id, id desc);
create index memories_stream on memories (tenant_id, stream_id, id desc);
create index memories_agent on memories (tenant_id, project_id, agent_id, id desc) where agent_id is not null;
create index memories_app on memories (tenant_id, project_id, app_id, id desc) where app_id is not null;
create index memories_team on memories (tenant_id, project_id, team_id, id desc) where team_id is not null;

-- Every session that a memory was said in: it is one memory, and found in each.
create table memory_sessions (
  tenant_id uuid not null,
  session_id uuid not null,
  memory_id uuid not null,
  primary key (tenant_id, session_id, memory_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index memory_sessions_memory on memory_sessions (tenant_id, memory_id, session_id desc);

-- How often a search returned a memory, and when last. Not in memories: there each count would write the whole
-- row and its entries in every index anew; here no index holds what changes, and the page has room for it.
create table memory_uses (
  tenant_id uuid not null,
  memory_id uuid not null,
  uses bigint not null,
  last_used_at timestamptz not null,
  primary key (tenant_id, memory_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
) with (fillfactor = 70);

create table memory_versions (
  tenant_id uuid not null,
  memory_id uuid not null,
  version integer not null,
  stream_id uuid not null,
  bucket smallint not null,
  text_ct bytea not null,
  -- Keyed hash of the normalised text: exact duplicates and tombstones are known by it.
  text_mac bytea not null,
  -- JSON: metadata, entities, speaker.
  detail_ct bytea not null,
  -- The turns around its source that keyword search reads.
  window_ct bytea not null,
  -- Float32 little-endian unit vector, and the model that made it.
  vector_ct bytea not null,
  embedding_model text not null,
  kind text not null check (kind in ('semantic', 'episodic', 'procedural')),
  category text not null,
  origin text not null check (origin in ('stated', 'inferred', 'tool')),
  confidence real not null check (confidence between 0 and 1),
  importance real not null check (importance between 0 and 1),
  role text,
  is_question boolean not null default false,
  has_time boolean not null default false,
  said_at timestamptz not null,
  valid_from timestamptz not null,
  valid_to timestamptz,
  recorded_from timestamptz not null,
  recorded_to timestamptz,
  outcome text not null check (outcome in ('add', 'update', 'supersede', 'noop', 'delete')),
  extractor text not null,
  extractor_version text not null,
  extraction_id uuid,
  -- Grows with every change that the index must see; the external version of the index write.
  revision bigint not null default nextval('index_revision'),
  indexed_revision bigint not null default 0,
  -- The index takes it in no form: an operator hears of it, and nobody looks for it there.
  refused boolean not null default false,
  primary key (tenant_id, memory_id, version),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index memory_versions_unindexed on memory_versions (tenant_id, bucket, revision)
  where indexed_revision < revision;
create index memory_versions_mac on memory_versions (tenant_id, stream_id, text_mac) where recorded_to is null;
create index memory_versions_extraction on memory_versions (tenant_id, extraction_id);

create table memory_sources (
  tenant_id uuid not null,
  memory_id uuid not null,
  ordinal integer not null,
  message_id uuid not null,
  span_start integer not null,
  span_end integer not null,
  primary key (tenant_id, memory_id, ordinal),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index memory_sources_message on memory_sources (tenant_id, message_id);

-- What rests on what: erasure closes over it.
create table memory_derivations (
  tenant_id uuid not null,
  memory_id uuid not null,
  from_memory_id uuid not null,
  primary key (tenant_id, memory_id, from_memory_id),
  foreign key (tenant_id, memory_id) references memories (tenant_id, id) on delete cascade
);
create index memory_derivations_from on memory_derivations (tenant_id, from_memory_id);

create table extraction_memories (
  tenant_id uuid not null,
  extraction_id uuid not null,
  memory_id uuid not null,
  outcome text not null,
  primary key (tenant_id, extraction_id, memory_id),
  foreign key (tenant_id, extraction_id) references extractions (tenant_id, id)
);
create index extraction_memories_memory on extraction_memories (tenant_id, memory_id);

-- A deleted statement must not come back from the same words, unless they are said again later.
create table tombstones (
  tenant_id uuid not null,
  stream_id uuid not null,
  audience uuid not null,
  text_mac bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, stream_id, audience, text_mac)
);

-- Documents that the index must drop.
create table index_removals (
  tenant_id uuid not null,
  memory_id uuid not null,
  bucket smallint not null,
  revision bigint not null default nextval('index_revision'),
  created_at timestamptz not null default now(),
  primary key (tenant_id, memory_id)
);
create index index_removals_bucket on index_removals (tenant_id, bucket, revision);
