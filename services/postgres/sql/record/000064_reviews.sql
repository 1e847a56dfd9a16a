-- When a memory is to be looked at again, whether it still is so.
alter table memories add column review_at timestamptz;
create index memories_review on memories (tenant_id, project_id, review_at) where review_at is not null;
