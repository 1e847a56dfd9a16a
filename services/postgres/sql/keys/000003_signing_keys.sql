-- What the deployment signs with: users' tokens, and what must be verifiable later.
create table signing_keys (
  -- RFC 7638's thumbprint of the public key.
  kid text primary key,
  -- Stays: what was signed is verified by it.
  public_jwk jsonb not null,
  -- The private key, wrapped by the deployment's key provider; gone once another key signs.
  wrapped bytea,
  provider text not null check (provider in ('local', 'transit')),
  provider_key text not null,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  check ((wrapped is null) = (retired_at is not null))
);
-- One signs at a time, however many processes make one at once.
create unique index signing_keys_signing on signing_keys ((true)) where retired_at is null;

grant select, insert on signing_keys to mneme_keys;
grant update (wrapped, retired_at) on signing_keys to mneme_keys;
