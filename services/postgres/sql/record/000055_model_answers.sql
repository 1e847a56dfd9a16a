-- What models answered, by a keyed hash of all that they were asked: asked the same again, nobody is called and nothing is
-- spent. An answer goes with the person, with the first of the messages that the model was shown, and with the first of
-- the memories that were read out of those; and when its time is over.
create table model_answers (
  tenant_id uuid not null,
  stream_id uuid not null,
  asked_mac bytea not null,
  project_id uuid not null,
  subject_id uuid,
  epoch integer not null default 0,
  purpose text not null check (purpose in ('extract', 'reconcile')),
  message_ids uuid[] not null,
  answer_ct bytea not null,
  kept_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (tenant_id, stream_id, asked_mac),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade,
  foreign key (tenant_id, subject_id) references subjects (tenant_id, id) on delete cascade
);
create index model_answers_subject on model_answers (tenant_id, subject_id) where subject_id is not null;
create index model_answers_old on model_answers (expires_at);

alter table model_answers enable row level security;
alter table model_answers force row level security;
create policy tenant on model_answers using (tenant_id = current_tenant());
create policy project on model_answers as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
create policy person on model_answers as restrictive
  using ((select current_subject()) is null or subject_id = (select current_subject()));
alter table model_answers alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);
grant select, insert, update, delete on model_answers to mneme_app;

create policy expired on model_answers to mneme_owner using (expires_at < now());
create function remove_old_model_answers(most integer) returns integer
  language plpgsql security definer set search_path = mneme, pg_temp as $$
declare removed integer;
begin
  delete from mneme.model_answers where ctid = any (array(
    select ctid from mneme.model_answers where expires_at < now() limit most for update skip locked));
  get diagnostics removed = row_count;
  return removed;
end $$;
revoke all on function remove_old_model_answers(integer) from public;
grant execute on function remove_old_model_answers(integer) to mneme_app;
