import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCipher, keyIdOf } from "./cipher.ts";

const TENANT = randomUUID();

function cipherWith(keys: ReadonlyMap<string, Uint8Array>) {
  return createCipher({ get: async (_, keyId) => keys.get(keyId) });
}

describe("cipher", () => {
  const keyId = randomUUID();
  const cipher = cipherWith(new Map([[keyId, randomBytes(32)]]));

  it("opens what it sealed, and names the key in the open", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (plaintext) => {
        const sealed = await cipher.seal(TENANT, keyId, "a.b", plaintext);
        expect(keyIdOf(sealed)).toBe(keyId);
        expect(new Uint8Array((await cipher.open(TENANT, "a.b", sealed)) ?? [])).toEqual(plaintext);
      }),
    );
  });

  it("never seals the same twice alike", async () => {
    const [a, b] = [
      await cipher.seal(TENANT, keyId, "a.b", "x"),
      await cipher.seal(TENANT, keyId, "a.b", "x"),
    ];
    expect(a.equals(b)).toBe(false);
  });

  it("refuses a value that was moved to another tenant or column, or changed", async () => {
    const sealed = await cipher.seal(TENANT, keyId, "a.b", "secret");
    await expect(cipher.open(TENANT, "a.c", sealed)).rejects.toThrow();
    await expect(cipher.open(randomUUID(), "a.b", sealed)).rejects.toThrow();
    const changed = Buffer.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    await expect(cipher.open(TENANT, "a.b", changed)).rejects.toThrow();
  });

  it("has nothing to show once the key is gone", async () => {
    const sealed = await cipher.seal(TENANT, keyId, "a.b", "secret");
    expect(await cipherWith(new Map()).open(TENANT, "a.b", sealed)).toBeUndefined();
  });

  it("hashes by domain", async () => {
    const mac = (domain: string) => cipher.mac(TENANT, keyId, domain, "ada");
    expect(await mac("user")).toEqual(await mac("user"));
    expect(await mac("user")).not.toEqual(await mac("agent"));
  });
});
