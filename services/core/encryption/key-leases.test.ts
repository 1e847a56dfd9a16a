import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { MnemeError } from "../errors.ts";
import { HOLD_MS, KeyLeases, type OpenTenantKey, OUTAGE_MS, RECHECK_MS } from "./key-leases.ts";
import { KeyRefusedError } from "./key-provider.ts";

/** Whose provider refuses tells a revocation from an outage. */
type Mood = "agrees" | "refuses" | "refuses the deployment" | "is away";

const TENANT = "tenant-a";
/** What was asked beside the calls is answered. */
const settled = () => setImmediate();
const revoked = { kind: "permission_denied", reason: "TENANT_KEY_REVOKED" };
const away = { kind: "unavailable", reason: "DEPENDENCY_UNAVAILABLE" };
const ofDeployment = { metadata: { dependency: "key_provider", code: "REFUSED" } };

/** Leases over a provider of a mood, on a clock of the test's own. */
function openLeases() {
  const at = { now: 0, mood: "agrees" as Mood, asked: 0, dropped: 0 };
  const key: OpenTenantKey = { newest: 1, versions: new Map([[1, randomBytes(32)]]) };
  const leases = new KeyLeases({
    now: () => at.now,
    onRefused: () => {
      at.dropped += 1;
    },
    async open() {
      at.asked += 1;
      if (at.mood === "refuses") throw new KeyRefusedError("tenant", "403");
      if (at.mood === "refuses the deployment") throw new KeyRefusedError("deployment", "403");
      if (at.mood === "is away") throw new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "away");
      return key;
    },
  });
  const answer = () =>
    leases.require(TENANT).then(
      () => "key" as const,
      (error: MnemeError) => error.reason,
    );
  return { at, leases, key, answer };
}

let { at, leases, key, answer } = openLeases();
beforeEach(() => {
  ({ at, leases, key, answer } = openLeases());
});

describe("leases of tenants' keys", () => {
  it("ask the provider once for all who come at once, and for nobody in the next seconds", async () => {
    expect(await Promise.all([1, 2, 3].map(() => leases.require(TENANT)))).toEqual([key, key, key]);
    at.now = RECHECK_MS - 1;
    expect(await leases.require(TENANT)).toBe(key);
    expect(at.asked).toBe(1);
  });

  it("ask again beside the calls, none of which waits", async () => {
    await leases.require(TENANT);
    for (let call = 1; call <= 10; call += 1) {
      at.now += RECHECK_MS;
      expect(await leases.require(TENANT)).toBe(key);
      await settled();
      expect(at.asked).toBe(call + 1);
    }
  });

  it("end for good where nobody has asked for long: whoever comes then waits for the provider", async () => {
    await leases.require(TENANT);
    at.now = HOLD_MS;
    at.mood = "refuses";
    await expect(leases.require(TENANT)).rejects.toMatchObject(revoked);
  });

  it("end with a refusal, and every cached data key with them", async () => {
    await leases.require(TENANT);
    at.mood = "refuses";
    at.now = RECHECK_MS;
    await leases.require(TENANT);
    await expect(leases.require(TENANT)).rejects.toMatchObject(revoked);
    expect(at.dropped).toBe(1);
    at.mood = "agrees";
    at.now += 2_000;
    expect(await leases.require(TENANT)).toBe(key);
  });

  it.each([
    ["an outage", "is away", away],
    ["the deployment's own provider's no", "refuses the deployment", { ...away, ...ofDeployment }],
  ] as const)("outlast %s by five minutes and no more", async (_, mood, fault) => {
    await leases.require(TENANT);
    at.mood = mood;
    for (at.now = HOLD_MS; at.now < OUTAGE_MS; at.now += 10_000) expect(await answer()).toBe("key");
    at.now = OUTAGE_MS;
    await expect(leases.require(TENANT)).rejects.toMatchObject(fault);
    expect(at.dropped).toBe(0);
    at.now += 3_000;
    at.mood = "agrees";
    expect(await leases.require(TENANT)).toBe(key);
  });

  it("ask a provider that is away no more than every two seconds", async () => {
    at.mood = "is away";
    for (at.now = 0; at.now < 20_000; at.now += 100) await expect(leases.require(TENANT)).rejects.toThrow();
    expect(at.asked).toBe(10);
  });

  it("are used while the provider agreed within five minutes, and did not refuse for half of one", async () => {
    const step = fc.record({
      wait: fc.integer({ min: 1, max: 60_000 }),
      mood: fc.constantFrom<Mood>("agrees", "refuses", "refuses the deployment", "is away"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { at, answer } = openLeases();
        const last = { agreed: Number.NEGATIVE_INFINITY, notRefused: Number.NEGATIVE_INFINITY };
        for (const { wait, mood } of steps) {
          if (at.mood === "agrees") last.agreed = at.now + wait;
          if (at.mood !== "refuses") last.notRefused = at.now + wait;
          at.now += wait;
          at.mood = mood;
          if (mood === "agrees") last.agreed = at.now;
          if (mood !== "refuses") last.notRefused = at.now;
          if ((await answer()) === "key") {
            expect(at.now - last.agreed).toBeLessThan(OUTAGE_MS);
            expect(at.now - last.notRefused).toBeLessThan(HOLD_MS);
          }
          await settled();
        }
      }),
    );
  });
});
