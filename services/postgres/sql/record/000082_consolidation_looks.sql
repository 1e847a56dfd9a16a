-- What consolidation found in a stream when it made no summary of it: by which rules, and a digest of the episodes that it
-- read (ids and revisions). While both are the same, nothing else can come of reading them again.
create table consolidation_looks (
  tenant_id uuid not null,
  stream_id uuid not null,
  rule text not null,
  state bytea not null,
  primary key (tenant_id, stream_id),
  foreign key (tenant_id, stream_id) references streams (tenant_id, id) on delete cascade
) with (fillfactor = 70);
alter table consolidation_looks alter column tenant_id set (n_distinct = 10);
alter table consolidation_looks enable row level security;
alter table consolidation_looks force row level security;
create policy tenant on consolidation_looks using (tenant_id = current_tenant());
create policy stream on consolidation_looks as restrictive
  using (((select current_project()) is null and (select current_subject()) is null)
         or exists (select from streams s where s.tenant_id = consolidation_looks.tenant_id
                    and s.id = consolidation_looks.stream_id));
grant select, insert, update, delete on consolidation_looks to mneme_app;
