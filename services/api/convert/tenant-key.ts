import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { TransitReference } from "@mneme/core/encryption/key-provider.ts";
import type { TenantKey, TenantKeyState } from "@mneme/core/encryption/manage-tenant-key.ts";
import {
  KeyProvider,
  KeyState,
  type TransitReference as WireReference,
} from "@mneme/proto/mneme/encryption/v1/tenant_key_pb.js";

const STATES: Readonly<Record<TenantKeyState, KeyState>> = {
  active: KeyState.ACTIVE,
  rotating: KeyState.ROTATING,
  revoked: KeyState.REVOKED,
};

export function fromTenantKey({ version, transit, state, keysToRewrap, createdAt }: TenantKey) {
  return {
    version,
    provider: transit ? KeyProvider.TENANT : KeyProvider.DEPLOYMENT,
    ...(transit && { transit }),
    state: STATES[state],
    keysToRewrap: BigInt(keysToRewrap),
    createTime: timestampFromDate(createdAt),
  };
}

export function toReference({ url, mount, key, namespace }: WireReference): TransitReference {
  return { url, mount: mount || "transit", key, namespace };
}
