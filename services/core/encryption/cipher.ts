import { createHmac } from "node:crypto";
import { decrypt, encrypt, OVERHEAD_BYTES } from "./aes-gcm.ts";
import type { KeyStore } from "./key-store.ts";

const FORMAT = 1;
const HEADER_BYTES = 17;
/** Nonce and tag, beside a ciphertext that may be empty. */
const LEAST_BYTES = HEADER_BYTES + OVERHEAD_BYTES;

/**
 * A sealed value that does not open under its own key: a byte of it, its tenant or its column is another. What lies
 * with the key or its wrapper, or is of a format that a newer release writes, is no damage.
 */
export class DamagedValueError extends Error {
  override readonly name = "DamagedValueError";
}

/**
 * Seals content columns. A sealed value names its key: format byte, 16 bytes of key id, then nonce,
 * ciphertext and tag.
 */
export interface Cipher {
  /** @param context what the value is, e.g. `memory_versions.text`: one row's opens in another row of it. */
  seal(tenantId: string, keyId: string, context: string, plaintext: Uint8Array | string): Promise<Buffer>;
  /**
   * @returns undefined when the key is destroyed: the value was shredded.
   * @throws DamagedValueError, and what `KeyStore.get` throws, which says nothing about the value.
   */
  open(tenantId: string, context: string, sealed: Uint8Array): Promise<Buffer | undefined>;
  /** HMAC-SHA-256 under a key of the tenant, for looking up without knowing. */
  mac(tenantId: string, macKeyId: string, domain: string, value: string | Uint8Array): Promise<Buffer>;
}

/** The cipher over a key store; AES-256-GCM. */
export function createCipher(keys: Pick<KeyStore, "get">): Cipher {
  async function requireKey(tenantId: string, keyId: string): Promise<Uint8Array> {
    const key = await keys.get(tenantId, keyId);
    if (!key) throw new Error(`data key ${keyId} is destroyed`);
    return key;
  }
  return {
    async seal(tenantId, keyId, context, plaintext) {
      const key = await requireKey(tenantId, keyId);
      const bytes = typeof plaintext === "string" ? Buffer.from(plaintext) : plaintext;
      return Buffer.concat([header(keyId), encrypt(key, bound(tenantId, context), bytes)]);
    },
    async open(tenantId, context, sealed) {
      if (sealed[0] !== FORMAT) throw new Error("sealed value of an unknown format");
      if (sealed.length < LEAST_BYTES) throw new DamagedValueError("a sealed value is too short");
      const key = await keys.get(tenantId, keyIdOf(sealed));
      if (!key) return undefined;
      try {
        return decrypt(key, bound(tenantId, context), sealed.subarray(HEADER_BYTES));
      } catch {
        throw new DamagedValueError("a sealed value does not open under its key");
      }
    },
    async mac(tenantId, macKeyId, domain, value) {
      const key = await requireKey(tenantId, macKeyId);
      return createHmac("sha256", key).update(domain).update("\0").update(value).digest();
    },
  };
}

/** The id of the key that a sealed value needs. */
export function keyIdOf(sealed: Uint8Array): string {
  const hex = Buffer.from(sealed.subarray(1, HEADER_BYTES)).toString("hex");
  // A search asks dozens of times; a pattern takes three times as long.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function header(keyId: string): Buffer {
  return Buffer.from(`${FORMAT.toString(16).padStart(2, "0")}${keyId.replaceAll("-", "")}`, "hex");
}

function bound(tenantId: string, context: string): string {
  return `${tenantId}/${context}`;
}
