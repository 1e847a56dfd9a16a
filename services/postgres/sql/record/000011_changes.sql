-- What changed since a moment: a reindex for another model reads it again and again, the last time while writers wait.
create index memory_versions_revision on memory_versions (tenant_id, revision);
