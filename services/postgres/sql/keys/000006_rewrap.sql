-- A page of data keys that are to be wrapped anew begins where the one before ended, and walks none that are done.
drop index data_keys_version;
create index data_keys_version on data_keys (tenant_id, tenant_key_version, key_id) where wrapped is not null;
drop index data_keys_unversioned;
create index data_keys_unversioned on data_keys (tenant_id, key_id) where wrapped is not null and tenant_key_version is null;
