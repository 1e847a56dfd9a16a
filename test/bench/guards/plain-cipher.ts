import { createHash } from "node:crypto";
import type { Cipher } from "@mneme/core/encryption/cipher.ts";

const HEADER_BYTES = 17;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAC_BYTES = 32;

/** Keeps values as they are, in as many bytes as the real cipher: what is stored differs in nothing but its secrecy. */
export const plainCipher: Cipher = {
  async seal(_tenantId, keyId, _context, plaintext) {
    const header = Buffer.from(`01${keyId.replaceAll("-", "")}`, "hex");
    const bytes = typeof plaintext === "string" ? Buffer.from(plaintext) : plaintext;
    return Buffer.concat([header, Buffer.alloc(NONCE_BYTES), bytes, Buffer.alloc(TAG_BYTES)]);
  },
  async open(_tenantId, _context, sealed) {
    return Buffer.from(sealed.subarray(HEADER_BYTES + NONCE_BYTES, sealed.length - TAG_BYTES));
  },
  async mac(_tenantId, _macKeyId, domain, value) {
    const plain = Buffer.concat([Buffer.from(`${domain}\0`), Buffer.from(value)]);
    // A user's id fits; what does not is only written, when the tenant is filled.
    if (plain.length > MAC_BYTES) return createHash("sha256").update(plain).digest();
    return Buffer.concat([plain, Buffer.alloc(MAC_BYTES - plain.length)]);
  },
};
