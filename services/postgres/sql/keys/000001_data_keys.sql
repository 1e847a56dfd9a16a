-- The key store is a database of its own, outside every retained backup of the record: without it
-- the record's content columns are noise.
create table data_keys (
  key_id uuid primary key,
  tenant_id uuid not null,
  -- AES-256-GCM under the provider's key: version byte, nonce, ciphertext, tag. Null once destroyed.
  wrapped bytea,
  purpose text not null check (purpose in ('subject', 'project', 'tenant_mac')),
  created_at timestamptz not null default now(),
  destroyed_at timestamptz,
  check ((wrapped is null) = (destroyed_at is not null))
);
create index data_keys_tenant on data_keys (tenant_id, purpose);
grant select, insert on data_keys to mneme_keys;
grant update (wrapped, destroyed_at) on data_keys to mneme_keys;
