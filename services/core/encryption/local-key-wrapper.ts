import { readFile } from "node:fs/promises";
import { decrypt, encrypt } from "./aes-gcm.ts";
import type { KeyWrapper } from "./key-store.ts";

/**
 * Wraps data keys with a master key from a file of 64 hexadecimal digits, readable by its owner only.
 *
 * @throws Error when the file is missing or not of that form.
 */
export async function createLocalKeyWrapper(file: string): Promise<KeyWrapper> {
  const text = (await readFile(file, "utf8")).trim();
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new Error("the master key file must hold 64 hexadecimal digits");
  const master = Buffer.from(text, "hex");
  const context = (tenantId: string, keyId: string) => `data-key/${tenantId}/${keyId}`;
  return {
    wrap: async (tenantId, keyId, key) => encrypt(master, context(tenantId, keyId), key),
    unwrap: async (tenantId, keyId, wrapped) => decrypt(master, context(tenantId, keyId), wrapped),
  };
}
