import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeyRefusedError } from "@mneme/core/encryption/key-provider.ts";
import { type OpenKeyProviders, openKeyProviders } from "@mneme/keys/providers.ts";
import { startTransitServer, type TransitServer } from "@mneme/keys/testing/transit-server.ts";
import { cacheDir } from "@mneme/local/cache.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenBao, obtainOpenBao, startOpenBao } from "./harness/openbao.ts";

/**
 * The transit engine of OpenBao itself, and beside it the scripted server that other suites ask for what a real one
 * can't be made to do: both are asked the same.
 */
let bao: OpenBao;
let scripted: TransitServer;
let providers: OpenKeyProviders;
let folder: string;

beforeAll(async () => {
  bao = await startOpenBao(await obtainOpenBao({ cache: cacheDir(), onLine: () => {} }));
  scripted = await startTransitServer();
  folder = await mkdtemp(join(tmpdir(), "mneme-transit-"));
  const masterKeyFile = join(folder, "master.key");
  await writeFile(masterKeyFile, randomBytes(32).toString("hex"));
  const config = { masterKeyFile, previousMasterKeyFile: undefined, transit: undefined };
  providers = await openKeyProviders({ ...config, standard: "local", anyAddress: true });
}, 300_000);
afterAll(async () => {
  await providers?.[Symbol.asyncDispose]();
  await scripted?.[Symbol.asyncDispose]();
  await bao?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Engine {
  readonly url: string;
  readonly ask: (method: string, path: string, body?: object) => Promise<{ readonly status: number }>;
  readonly issue: (key: string) => Promise<string>;
  readonly revoke: (token: string) => Promise<unknown>;
}

const ENGINES: Readonly<Record<string, () => Engine>> = {
  OpenBao: () => ({
    url: bao.url,
    ask: (method, path, body) => bao.ask(method, `transit/${path}`, body),
    issue: bao.issue,
    revoke: (token) => bao.ask("POST", "auth/token/revoke", { token }),
  }),
  "the scripted server": () => ({
    url: scripted.url,
    ask: async (method, path, body) => scripted.ask(method, path, body as Record<string, unknown>),
    issue: async (key) => scripted.issue(key),
    revoke: async (token) => scripted.revoke(token),
  }),
};

describe.each(Object.keys(ENGINES))("%s", (name) => {
  const engine = () => (ENGINES[name] as () => Engine)();

  async function open(key: string, mount = "transit") {
    await engine().ask("POST", `keys/${key}`, {});
    const token = await engine().issue(key);
    const { url } = engine();
    return { token, provider: providers.brought({ url, mount, key, namespace: "" }, token) };
  }

  it("opens what it wrapped, in its place alone", async () => {
    const { provider } = await open("place");
    const key = randomBytes(32);
    const { bytes, providerKey } = await provider.wrap("here", key);
    expect(providerKey).toBe("transit/place/v1");
    expect(await provider.unwrap("here", bytes)).toEqual(key);
    await expect(provider.unwrap("there", bytes)).rejects.toThrow(KeyRefusedError);
  });

  it("opens old versions until they are too old", async () => {
    const { provider } = await open("versions");
    const key = randomBytes(32);
    const old = await provider.wrap("here", key);
    await engine().ask("POST", "keys/versions/rotate", {});
    expect((await provider.wrap("here", key)).providerKey).toBe("transit/versions/v2");
    expect(await provider.unwrap("here", old.bytes)).toEqual(key);
    await engine().ask("POST", "keys/versions/config", { min_decryption_version: 2 });
    await expect(provider.unwrap("here", old.bytes)).rejects.toThrow(KeyRefusedError);
  });

  it("refuses a revoked token, a deleted key and a mount that is not there", async () => {
    const { token, provider } = await open("gone");
    const { bytes } = await provider.wrap("here", randomBytes(32));
    await engine().revoke(token);
    await expect(provider.unwrap("here", bytes)).rejects.toThrow(KeyRefusedError);
    const again = await open("gone");
    expect(await again.provider.unwrap("here", bytes)).toHaveLength(32);
    await engine().ask("POST", "keys/gone/config", { min_decryption_version: 1, deletion_allowed: true });
    await engine().ask("DELETE", "keys/gone");
    await expect(again.provider.unwrap("here", bytes)).rejects.toThrow(KeyRefusedError);
    const elsewhere = await open("elsewhere", "nowhere");
    await expect(elsewhere.provider.wrap("here", randomBytes(32))).rejects.toThrow(KeyRefusedError);
  });
});

it("answers with the same statuses, real or scripted", async () => {
  const statuses = [];
  for (const engine of Object.values(ENGINES).map((make) => make())) {
    await engine.ask("POST", "keys/same", {});
    const token = await engine.issue("same");
    const send = async (path: string, body: object, by = token) => {
      const headers = { "x-vault-token": by };
      return (
        await fetch(`${engine.url}/v1/${path}`, { method: "POST", headers, body: JSON.stringify(body) })
      ).status;
    };
    const plaintext = randomBytes(32).toString("base64");
    statuses.push([
      await send("transit/encrypt/same", { plaintext }),
      await send("transit/encrypt/same", {}),
      await send("transit/encrypt/other", { plaintext }),
      await send("transit/encrypt/same", { plaintext }, "unknown"),
      await send("transit/decrypt/same", { ciphertext: "vault:v1:AAAA" }),
      await send("transit/decrypt/same", { ciphertext: "none" }),
      await send("transit/decrypt/same", { ciphertext: `vault:v9:${plaintext}` }),
      await send("transit/keys/same/rotate", {}),
    ]);
  }
  expect(statuses[1]).toEqual(statuses[0]);
});
