-- When a memory came to rest on a source: what was known at an earlier moment did not rest on it. Null is of what came before
-- this, and counts as known since its memory's first version.
alter table memory_sources add column recorded_at timestamptz;
