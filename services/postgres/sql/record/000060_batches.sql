-- Conversations that may wait: a model's server reads them in batches, for less.
alter table extractions
  -- How soon it was asked to be read.
  add column processing text not null default 'now' check (processing in ('now', 'bulk')),
  -- Why what may wait is read by calls of its own all the same; null where it is not.
  add column direct_reason text check (direct_reason in ('off', 'unsupported', 'budget', 'unanswered'));

alter table streams
  -- Since when its messages wait for a batch; it is held then as those who wait for a budget are.
  add column batch_since timestamptz,
  -- The one that has them.
  add column batch_id uuid;
create index streams_for_batches on streams (tenant_id, project_id, batch_since) where batch_since is not null;

-- What is asked of a model's server at once. Ids and counts only: what is asked is made of the messages when it is sent.
create table model_batches (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  state text not null default 'gathered' check (state in ('gathered', 'sending', 'sent', 'closed')),
  -- What reads, as provenance says it; null until it is sent.
  model text,
  extractor_version text,
  -- Its server's ids.
  provider_id text,
  created_at timestamptz not null default now(),
  -- When it was first about to be sent; its budget's day is that day's, UTC.
  sending_at timestamptz,
  -- When somebody last looked after it.
  seen_at timestamptz not null default now(),
  primary key (tenant_id, id)
) with (fillfactor = 70);
create index model_batches_open on model_batches (seen_at) where state <> 'closed';

-- What each request of a batch reads: messages that follow each other in one stream.
create table model_batch_requests (
  tenant_id uuid not null,
  batch_id uuid not null,
  number integer not null,
  project_id uuid not null,
  stream_id uuid not null,
  -- In order. An answer counts for exactly these.
  message_ids uuid[] not null,
  -- That of its first message, as usage counts it; null where no key brought that.
  api_key_id uuid,
  primary key (tenant_id, batch_id, number),
  foreign key (tenant_id, batch_id) references model_batches (tenant_id, id) on delete cascade
);

do $$
declare
  of_batches text;
begin
  foreach of_batches in array array['model_batches', 'model_batch_requests'] loop
    execute format('alter table %I enable row level security', of_batches);
    execute format('alter table %I force row level security', of_batches);
    execute format('create policy tenant on %I using (tenant_id = current_tenant())', of_batches);
    execute format('create policy project on %I as restrictive
      using ((select current_project()) is null or project_id = (select current_project()))', of_batches);
    execute format('alter table %I alter column tenant_id set (n_distinct = 10), alter column project_id
      set (n_distinct = 1)', of_batches);
    execute format('grant select, insert, update, delete on %I to mneme_app', of_batches);
  end loop;
end $$;

-- Projects, over all tenants, some of whose people have waited for a batch for so long, or that many of whose do.
create policy gathering on streams for select to mneme_owner using (batch_since is not null);
create function list_gathered_projects(waited interval, many integer, most integer)
  returns table (tenant_id uuid, project_id uuid)
  language sql stable security definer set search_path = mneme, pg_temp
begin atomic
  select s.tenant_id, s.project_id from mneme.streams s
  where s.batch_since is not null and s.batch_id is null
  group by s.tenant_id, s.project_id
  having min(s.batch_since) <= now() - waited or count(*) >= many
  order by min(s.batch_since) limit most;
end;

-- Has somebody look after batches that nobody has looked after for so long.
create policy waking on model_batches for select to mneme_owner using (state <> 'closed');
create policy waking_batches on outbox to mneme_owner using (topic = 'batch');
create function wake_forgotten_batches(idle interval, most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare woken integer;
begin
  insert into mneme.outbox (tenant_id, topic, key)
  select b.tenant_id, 'batch', b.id::text from mneme.model_batches b
  where b.state <> 'closed' and b.seen_at < now() - idle
    and not exists (select from mneme.outbox o
      where o.tenant_id = b.tenant_id and o.topic = 'batch' and o.key = b.id::text)
  order by b.seen_at limit most;
  get diagnostics woken = row_count;
  return woken;
end $$;

revoke all on function list_gathered_projects(interval, integer, integer), wake_forgotten_batches(interval, integer)
  from public;
grant execute on function list_gathered_projects(interval, integer, integer), wake_forgotten_batches(interval, integer)
  to mneme_app;

-- A batch's reading is told apart, for it costs less.
alter table model_calls drop constraint model_calls_purpose_check;
alter table model_calls add constraint model_calls_purpose_check
  check (purpose in ('extract', 'reconcile', 'embed', 'rerank', 'summarise', 'extract_batch'));
