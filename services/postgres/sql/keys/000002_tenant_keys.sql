-- A tenant's key wraps its data keys, and a provider wraps it: the deployment's, or one that the tenant has brought.
create table tenant_keys (
  tenant_id uuid not null,
  version integer not null check (version > 0),
  -- 32 random bytes under the provider's key. Null once no data key needs it.
  wrapped bytea,
  provider text not null check (provider in ('local', 'transit', 'brought')),
  -- Which of the provider's keys wrapped it: another once that is rotated.
  provider_key text not null,
  -- Of a key that was brought: url, mount, key and namespace, and its token under the deployment's own provider.
  reference jsonb,
  token_ct bytea,
  token_provider text check (token_provider in ('local', 'transit')),
  token_provider_key text,
  state text not null default 'active' check (state in ('active', 'retiring', 'retired')),
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  primary key (tenant_id, version),
  check ((wrapped is null) = (state = 'retired')),
  check ((provider = 'brought') = (reference is not null)),
  check (reference is null or state = 'retired' or token_ct is not null)
);
create unique index tenant_keys_active on tenant_keys (tenant_id) where state = 'active';
create index tenant_keys_live on tenant_keys (tenant_id, version desc) where state <> 'retired';
create index tenant_keys_retiring on tenant_keys (tenant_id) where state = 'retiring';

-- Null: wrapped by the local master key itself, as before there were tenants' keys. The worker wraps those anew.
alter table data_keys add column tenant_key_version integer;
create index data_keys_version on data_keys (tenant_id, tenant_key_version) where wrapped is not null;
create index data_keys_unversioned on data_keys (tenant_id) where wrapped is not null and tenant_key_version is null;

-- Calls that change a tenant's key, told apart by the client's id, which is no personal datum but kept as a hash.
create table key_requests (
  tenant_id uuid not null,
  rpc text not null,
  request_hash bytea not null,
  body_hash bytea not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, rpc, request_hash)
);
create index key_requests_age on key_requests (created_at);

grant select, insert on tenant_keys to mneme_keys;
grant update (wrapped, provider_key, provider, reference, token_ct, token_provider, token_provider_key, state, retired_at)
  on tenant_keys to mneme_keys;
grant update (tenant_key_version) on data_keys to mneme_keys;
grant select, insert, delete on key_requests to mneme_keys;
