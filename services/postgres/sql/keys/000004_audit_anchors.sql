-- Where each tenant's audit trail ends, signed. Here and not in the record: whoever cuts the trail there would cut
-- this as well.
create table audit_anchors (
  tenant_id uuid primary key,
  sequence bigint not null check (sequence >= 0),
  hash bytea not null,
  -- JWS over tenant, sequence and hash; empty before the first event.
  head text not null,
  -- Where it ended before, as long as nobody has confirmed that it was moved.
  before_sequence bigint not null check (before_sequence >= 0),
  before_hash bytea not null,
  before_head text not null,
  is_confirmed boolean not null,
  updated_at timestamptz not null default now()
);
create index audit_anchors_unconfirmed on audit_anchors (updated_at) where not is_confirmed;
grant select, insert, update on audit_anchors to mneme_keys;
