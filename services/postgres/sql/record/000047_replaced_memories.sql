-- What a memory replaced, for its history.
create index memories_replaced_by on memories (tenant_id, replaced_by) where replaced_by is not null;
