-- What calls of models' servers took, by day. model_use beside it counts tokens by key, which limits ask for.
create table model_calls (
  tenant_id uuid not null,
  project_id uuid not null,
  -- UTC.
  day date not null,
  -- As its server calls it.
  model text not null,
  purpose text not null check (purpose in ('extract', 'reconcile', 'embed', 'rerank', 'summarise')),
  calls bigint not null,
  -- The three don't overlap.
  input_tokens bigint not null,
  cached_input_tokens bigint not null,
  output_tokens bigint not null,
  -- Of the tokens whose price was known when they were counted; a dollar is 10^12 of them.
  picodollars numeric(38, 0) not null,
  unpriced_tokens bigint not null,
  primary key (tenant_id, project_id, day, model, purpose)
) with (fillfactor = 70);

alter table model_calls enable row level security;
alter table model_calls force row level security;
create policy tenant on model_calls using (tenant_id = current_tenant());
create policy project on model_calls as restrictive
  using ((select current_project()) is null or project_id = (select current_project()));
alter table model_calls alter column tenant_id set (n_distinct = 10), alter column project_id set (n_distinct = 1);
grant select, insert, update on model_calls to mneme_app;
