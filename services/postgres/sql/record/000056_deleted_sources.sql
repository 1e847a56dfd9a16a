-- Where deleted memories were said: a tombstone keeps the same words away, and these keep away other words for the same
-- when old messages are read again. Ids and offsets alone.
create table deleted_sources (
  tenant_id uuid not null,
  stream_id uuid not null,
  message_id uuid not null,
  span_start integer not null,
  span_end integer not null,
  deleted_at timestamptz not null default now(),
  primary key (tenant_id, stream_id, message_id, span_start, span_end),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade
);
alter table deleted_sources enable row level security;
alter table deleted_sources force row level security;
create policy tenant on deleted_sources using (tenant_id = current_tenant());
alter table deleted_sources alter column tenant_id set (n_distinct = 10);
grant select, insert, update, delete on deleted_sources to mneme_app;
