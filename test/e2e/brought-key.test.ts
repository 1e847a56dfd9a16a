import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "@mneme/local/cache.ts";
import { type MemoryScope, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OpenBao, obtainOpenBao, startOpenBao } from "../harness/openbao.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";

const WAIT = { timeoutMs: 120_000 };
/** What the contract promises. */
const A_MINUTE = { timeout: 60_000, interval: 500 };
const REVOKED = { kind: "permission_denied", reason: "TENANT_KEY_REVOKED" };

interface WireKey {
  readonly version: number;
  readonly provider: string;
  readonly state: string;
  readonly transit?: { readonly url: string; readonly mount: string; readonly key: string };
}

describe("a key that a tenant brings", () => {
  let bao: OpenBao;
  const tokens: string[] = [];
  let stack: OwnStack;
  let mneme: Mneme;
  let ada: MemoryScope;

  beforeAll(async () => {
    bao = await startOpenBao(await obtainOpenBao({ cache: cacheDir(), onLine: console.log }));
    await bao.ask("POST", "transit/keys/acme");
    tokens.push(await bao.issue("acme"));
    stack = await startOwnStack("brought-key", { MNEME_TENANT_KEY_ADDRESSES: "any" });
    mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
    ada = mneme.user("ada");
  }, 240_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    await bao?.[Symbol.asyncDispose]();
  }, 120_000);

  async function call(rpc: string, body: object = {}): Promise<WireKey> {
    const response = await fetch(`${stack.processes.api.url}/mneme.encryption.v1.TenantKeyService/${rpc}`, {
      method: "POST",
      headers: { authorization: `Bearer ${stack.tenant.apiKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const answer = await response.json();
    if (!response.ok)
      throw Object.assign(new Error(`${rpc}: ${answer.message}`), { details: answer.details });
    return answer.key;
  }
  const described = async () => {
    const { provider, state } = await call("GetTenantKey");
    return { provider, state };
  };
  const bring = (change: object = {}) =>
    call("BringTenantKey", { transit: { url: bao.url, key: "acme" }, token: tokens.at(-1), ...change });
  const searched = async (query: string) =>
    (await ada.search(query)).hits.map(({ memory }) => memory.text).join("\n");
  const outcome = (query: string) =>
    searched(query).then(
      () => "found",
      (error: { reason: string }) => error.reason,
    );

  it("takes the deployment's place while adds and searches go on", async () => {
    await ada.add("I keep bees.", { name: "Ada", waitFor: "searchable" });
    expect(await call("GetTenantKey")).toMatchObject({ version: 1, provider: "KEY_PROVIDER_DEPLOYMENT" });
    const stop = new AbortController();
    let calls = 0;
    const work = async () => {
      while (!stop.signal.aborted) {
        calls += 1;
        await mneme.user(`guest-${calls}`).add("I own a kite.", { name: "Guest" });
        expect(await searched("Who keeps bees?")).toContain("bees");
      }
    };
    const working = Promise.all([work(), work()]);
    try {
      expect(await bring()).toMatchObject({ version: 2, provider: "KEY_PROVIDER_TENANT" });
      await expect
        .poll(described, A_MINUTE)
        .toEqual({ provider: "KEY_PROVIDER_TENANT", state: "KEY_STATE_ACTIVE" });
      await call("RotateTenantKey");
      await bao.ask("POST", "transit/keys/acme/rotate");
      await call("RotateTenantKey");
      await expect
        .poll(described, A_MINUTE)
        .toEqual({ provider: "KEY_PROVIDER_TENANT", state: "KEY_STATE_ACTIVE" });
      expect(await call("GetTenantKey")).toMatchObject({
        version: 4,
        transit: { url: bao.url, mount: "transit", key: "acme" },
      });
    } finally {
      stop.abort();
      await working;
    }
    expect(calls).toBeGreaterThan(20);
  }, 180_000);

  it("is refused where it can't be used", async () => {
    await expect(bring({ token: "hvs.unknown" })).rejects.toThrow(/refuses to encrypt and decrypt/);
    expect(await described()).toMatchObject({ provider: "KEY_PROVIDER_TENANT" });
  });

  it("revoked closes the tenant's record within a minute, and given back lets everything go on", async () => {
    // What is accepted now is worked only once the key is revoked.
    await stack.processes.worker.kill("SIGTERM");
    const waiting = await ada.add("I plant clover.", { name: "Ada" });
    await bao.allow("acme", false);
    await expect.poll(() => outcome("Who keeps bees?"), A_MINUTE).toBe("TENANT_KEY_REVOKED");
    await stack.processes.worker.start();

    const refusals = [
      ada.search("bees"),
      ada.context("bees"),
      ada.list().page(),
      ada.add("I sell honey.", { name: "Ada" }),
      mneme.extractions.get(waiting.extractionId),
    ];
    for (const refusal of await Promise.allSettled(refusals))
      expect(refusal).toMatchObject({ status: "rejected", reason: REVOKED });
    expect(await described()).toEqual({ provider: "KEY_PROVIDER_TENANT", state: "KEY_STATE_REVOKED" });
    await expect(call("ReturnTenantKey")).rejects.toThrow(/revoked/);
    const metric = () => readCounter(stack.processes.worker.metricsUrl, "mneme_activity_outages_total");
    await expect.poll(metric, A_MINUTE).toBeGreaterThan(0);

    await bao.allow("acme", true);
    await expect.poll(() => outcome("Who keeps bees?"), A_MINUTE).toBe("found");
    expect(await searched("Who keeps bees?")).toContain("bees");
    await mneme.waitFor(waiting, WAIT);
    expect(await searched("Who plants clover?")).toContain("clover");
    const { attempts } = await mneme.extractions.get(waiting.extractionId);
    expect(attempts).toBeLessThanOrEqual(1);
  }, 240_000);

  it("is opened by another token once the first is gone for good", async () => {
    await bao.ask("POST", "auth/token/revoke", { token: tokens.at(-1) });
    await expect.poll(() => outcome("Who keeps bees?"), A_MINUTE).toBe("TENANT_KEY_REVOKED");
    tokens.push(await bao.issue("acme"));
    expect(await bring()).toMatchObject({ state: "KEY_STATE_ACTIVE" });
    await expect.poll(() => outcome("Who keeps bees?"), A_MINUTE).toBe("found");
  }, 120_000);

  it("is returned: then nothing of the tenant's needs it", async () => {
    await call("ReturnTenantKey");
    const deployments = { provider: "KEY_PROVIDER_DEPLOYMENT", state: "KEY_STATE_ACTIVE" };
    await expect.poll(described, A_MINUTE).toEqual(deployments);
    await bao.ask("POST", "transit/keys/acme/config", { deletion_allowed: true });
    expect((await bao.ask("DELETE", "transit/keys/acme")).status).toBe(204);
    expect(await searched("Who keeps bees?")).toContain("bees");
    const { rows } = await stack.record.keysAdmin.query(
      "select from tenant_keys where tenant_id = $1 and state <> 'retired' and provider = 'brought'",
      [stack.tenant.tenantId],
    );
    expect(rows).toHaveLength(0);
    await ada.add("I bottle mead.", { name: "Ada", waitFor: "searchable" });
  }, 120_000);

  it("leaves its token in no log, and nowhere in the clear", async () => {
    const logs = readdirSync(stack.logFolder).map((name) =>
      readFileSync(join(stack.logFolder, name), "utf8"),
    );
    const { rows } = await stack.record.keysAdmin.query("select tenant_keys::text as row from tenant_keys");
    expect(tokens).toHaveLength(2);
    for (const token of tokens) {
      expect(logs.join("")).not.toContain(token);
      expect(JSON.stringify(rows)).not.toContain(token);
    }
  });
});
