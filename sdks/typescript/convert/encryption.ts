import {
  KeyProviderSchema,
  KeyStateSchema,
  type TenantKey as WireKey,
  type KeyProvider as WireProvider,
  type KeyState as WireState,
} from "@mneme/proto/mneme/encryption/v1/tenant_key_pb.js";
import type { TenantKey } from "../types/encryption.ts";
import { enumCodec } from "./enum.ts";
import { required } from "./required.ts";
import { toDate } from "./time.ts";

const providers = enumCodec<NonNullable<TenantKey["provider"]>, WireProvider>(KeyProviderSchema);
const states = enumCodec<NonNullable<TenantKey["state"]>, WireState>(KeyStateSchema);

export function tenantKeyFromWire(key: WireKey | undefined): TenantKey {
  const { version, provider, transit, state, keysToRewrap, createTime } = required(key, "key");
  return {
    version,
    provider: providers.fromWire(provider),
    transit: transit && {
      url: transit.url,
      mount: transit.mount || undefined,
      key: transit.key,
      namespace: transit.namespace || undefined,
    },
    state: states.fromWire(state),
    keysToRewrap: Number(keysToRewrap),
    createTime: toDate(createTime),
  };
}
