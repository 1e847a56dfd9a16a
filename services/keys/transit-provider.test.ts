import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyRefusedError } from "@mneme/core/encryption/key-provider.ts";
import type { KeyConfig } from "@mneme/core/key-settings.ts";
import { makeAuthority } from "@mneme/core/testing/authority.ts";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenKeyProviders, openKeyProviders } from "./providers.ts";
import { startTransitServer, type TransitServer } from "./testing/transit-server.ts";

let server: TransitServer;
let providers: OpenKeyProviders;
let folder: string;
let token: string;

const away = { kind: "unavailable", metadata: { dependency: "tenant_key_provider" } };
const unavailable = { kind: "unavailable", metadata: { dependency: "key_provider" } };
const reference = () => ({ url: server.url, mount: server.mount, key: "tenant-a", namespace: "" });
const brought = () => providers.brought(reference(), token);

async function open(change: Partial<KeyConfig> = {}): Promise<OpenKeyProviders> {
  const masterKeyFile = join(folder, "master.key");
  return openKeyProviders({
    masterKeyFile,
    previousMasterKeyFile: undefined,
    standard: "local",
    transit: undefined,
    anyAddress: true,
    ...change,
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-keys-"));
  await writeFile(join(folder, "master.key"), randomBytes(32).toString("hex"));
  server = await startTransitServer();
  server.ask("POST", "keys/tenant-a");
  token = server.issue("tenant-a");
  providers = await open();
});
afterEach(async () => {
  await providers[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

describe("transit provider", () => {
  it("opens what it wrapped, in its place alone", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.string(),
        fc.string(),
        async (key, context, other) => {
          fc.pre(context !== other);
          const { bytes } = await brought().wrap(context, key);
          expect(new Uint8Array(await brought().unwrap(context, bytes))).toEqual(key);
          await expect(brought().unwrap(other, bytes)).rejects.toThrow(KeyRefusedError);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("names the provider's key, and another one once that is rotated", async () => {
    const key = randomBytes(32);
    const old = await brought().wrap("a", key);
    server.ask("POST", "keys/tenant-a/rotate");
    const young = await brought().wrap("a", key);
    expect([old.providerKey, young.providerKey]).toEqual(["transit/tenant-a/v1", "transit/tenant-a/v2"]);
    expect(await brought().unwrap("a", old.bytes)).toEqual(key);
    server.ask("POST", "keys/tenant-a/config", { min_decryption_version: 2 });
    await expect(brought().unwrap("a", old.bytes)).rejects.toThrow(KeyRefusedError);
    expect(await brought().unwrap("a", young.bytes)).toEqual(key);
  });

  it.each([
    ["a revoked token", () => server.revoke(token)],
    ["a deleted key", () => server.ask("DELETE", "keys/tenant-a")],
  ])("takes %s for a no, at once", async (_, revoke) => {
    const { bytes } = await brought().wrap("a", randomBytes(32));
    const before = server.calls.length;
    revoke();
    const refusal = brought().unwrap("a", bytes);
    await expect(refusal).rejects.toBeInstanceOf(KeyRefusedError);
    await expect(refusal).rejects.toMatchObject({ owner: "tenant" });
    expect(server.calls.length).toBe(before + 1);
  });

  it("takes a mount that is not there for a no", async () => {
    const elsewhere = providers.brought({ ...reference(), mount: "gone" }, token);
    await expect(elsewhere.wrap("a", randomBytes(32))).rejects.toThrow(KeyRefusedError);
  });

  it.each([500, 503, 429, 412, 307])("tries %i again", async (status) => {
    server.planned.push(status, status);
    await brought().wrap("a", randomBytes(32));
    expect(server.calls).toHaveLength(3);
  });

  it("says of a sealed server and of none that they do not answer", async () => {
    const { bytes } = await brought().wrap("a", randomBytes(32));
    server.sealed = true;
    await expect(brought().unwrap("a", bytes)).rejects.toMatchObject(away);
    await server[Symbol.asyncDispose]();
    await expect(brought().unwrap("a", bytes)).rejects.toMatchObject(away);
    server = await startTransitServer();
  });

  it("waits for an answer no longer than its caller does", async () => {
    server.hangs = true;
    const caller = new AbortController();
    const wrapping = brought().wrap("a", randomBytes(32), caller.signal);
    caller.abort(new Error("hung up"));
    await expect(wrapping).rejects.toThrow("hung up");
  });

  it("sends the namespace, and keeps token and answer out of errors", async () => {
    const named = providers.brought({ ...reference(), namespace: "team/a" }, "hvs.secret");
    const error = await named.wrap("a", randomBytes(32)).catch((failure: unknown) => failure);
    expect(server.calls.at(-1)?.namespace).toBe("team/a");
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("hvs.secret");
  });
});

describe("the deployment's own", () => {
  it("reads its token anew where another is written", async () => {
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, `${token}\n`);
    await using own = await open({
      standard: "transit",
      transit: { ...reference(), tokenFile, caFile: undefined },
    });
    const key = randomBytes(32);
    const { bytes } = await own.of("transit").wrap("a", key);
    expect(await own.of("transit").unwrap("a", bytes)).toEqual(key);
    expect(server.calls.every((call) => call.token === token)).toBe(true);
  });

  it("is believed only where the authority that was set has signed its certificate", async () => {
    using authority = makeAuthority();
    using stranger = makeAuthority();
    await using tls = await startTransitServer({ tls: authority.issue() });
    tls.ask("POST", "keys/tenant-a");
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, tls.issue("tenant-a"));
    const transit = { ...reference(), url: tls.url, tokenFile };
    await using own = await open({ standard: "transit", transit: { ...transit, caFile: authority.file } });
    await own.of("transit").wrap("a", randomBytes(32));
    await using wrong = await open({ standard: "transit", transit: { ...transit, caFile: stranger.file } });
    await expect(wrong.of("transit").wrap("a", randomBytes(32))).rejects.toMatchObject(unavailable);
    expect(tls.calls).toHaveLength(1);
  });

  it("refuses in its own name where its token may not use the key any more", async () => {
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, token);
    await using own = await open({
      standard: "transit",
      transit: { ...reference(), tokenFile, caFile: undefined },
    });
    const { bytes } = await own.of("transit").wrap("a", randomBytes(32));
    server.revoke(token);
    const refusal = own.of("transit").unwrap("a", bytes);
    await expect(refusal).rejects.toBeInstanceOf(KeyRefusedError);
    await expect(refusal).rejects.toMatchObject({ owner: "deployment" });
  });

  it("is absent, not refused, where its token's file is", async () => {
    const transit = { ...reference(), tokenFile: join(folder, "none"), caFile: undefined };
    await using own = await open({ standard: "transit", transit });
    await expect(own.of("transit").wrap("a", randomBytes(32))).rejects.toMatchObject(unavailable);
  });
});

describe("keys that tenants bring", () => {
  it("are called at public https addresses alone, unless the deployment allows any", async () => {
    await using strict = await open({ anyAddress: false });
    for (const url of [
      server.url,
      "https://127.0.0.1:8200",
      "https://[::1]",
      "file:///etc/passwd",
      "no url",
    ]) {
      expect(() => strict.brought({ ...reference(), url }, token)).toThrow(
        expect.objectContaining({ reason: "FIELD_INVALID", metadata: { field: "transit.url" } }),
      );
    }
  });

  it("are not called where a public name leads to a private address", async () => {
    await using strict = await open({ anyAddress: false });
    const hidden = strict.brought({ ...reference(), url: "https://localhost:1" }, token);
    await expect(hidden.wrap("a", randomBytes(32))).rejects.toMatchObject({
      kind: "unavailable",
      metadata: { dependency: "tenant_key_provider", code: "ADDRESS_REFUSED" },
    });
  });
});
