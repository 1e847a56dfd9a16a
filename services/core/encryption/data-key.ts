import { decrypt, OVERHEAD_BYTES } from "./aes-gcm.ts";
import type { KeyProviders } from "./key-provider.ts";
import { dataKeyContext, KEY_BYTES, orAsHeard } from "./tenant-key.ts";
import type { WrappedDataKey } from "./tenant-key-store.ts";

/** A data key that is not as it was kept: nothing that it sealed can be opened. */
export class DamagedKeyError extends Error {
  override readonly name = "DamagedKeyError";
}

/**
 * @returns undefined where its version is gone: it was wrapped anew meanwhile.
 * @throws DamagedKeyError, and of a key that the master key itself wrapped MnemeError DEPENDENCY_UNAVAILABLE of
 *   `key_provider` where none opens it.
 */
export async function openDataKey(
  providers: KeyProviders,
  versions: ReadonlyMap<number, Uint8Array>,
  tenantId: string,
  { keyId, version, bytes }: WrappedDataKey,
): Promise<Uint8Array | undefined> {
  const context = dataKeyContext(tenantId, keyId);
  if (bytes.length !== KEY_BYTES + OVERHEAD_BYTES) {
    throw new DamagedKeyError(`data key ${keyId} is wrapped in ${bytes.length} bytes, which no key is`);
  }
  if (version === undefined) return orAsHeard(providers.of("local").unwrap(context, bytes));
  const key = versions.get(version);
  try {
    return key && decrypt(key, context, bytes);
  } catch (cause) {
    throw new DamagedKeyError(`data key ${keyId} does not open under its tenant's key`, { cause });
  }
}
