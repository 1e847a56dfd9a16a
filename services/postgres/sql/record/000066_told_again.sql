-- What was worded otherwise once, or has ended since, is still found when its old message is told again.
drop index memory_versions_mac;
create index memory_versions_mac on memory_versions (tenant_id, stream_id, text_mac);
