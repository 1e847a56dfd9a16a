import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { awaitFreshness, type FreshnessDeps } from "./await-freshness.ts";
import { createFreshnessTokens } from "./tokens.ts";

const tenancy = { tenantId: randomUUID(), projectId: randomUUID() };
const tokens = createFreshnessTokens(randomBytes(32));
const extraction = tokens.seal(tenancy, { type: "extraction", extractionIds: [randomUUID()] });
const revision = tokens.seal(tenancy, { type: "revision", revision: 1n, buckets: [3] });
const soon = () => new Date(Date.now() + 30);
const never: FreshnessDeps["signals"] = {
  changed: (_, maxWaitMs, signal) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, maxWaitMs);
      signal?.addEventListener("abort", () => reject(signal.reason));
    }),
};

/** Searchable at the given look, counted from 1. */
function after(looks: number) {
  let looked = 0;
  return { isSearchable: async () => ++looked >= looks };
}

describe("awaitFreshness", () => {
  it("returns at once where the write can be found already", async () => {
    await awaitFreshness({ tokens, signals: never, freshness: after(1) }, tenancy, extraction, new Date(0));
  });

  it("looks again at every change, and by itself where none is told", async () => {
    const changed = async () => undefined;
    await awaitFreshness({ tokens, signals: { changed }, freshness: after(5) }, tenancy, extraction);
    await awaitFreshness({ tokens, signals: never, freshness: after(3) }, tenancy, extraction);
    await awaitFreshness({ tokens, signals: never, freshness: after(3) }, tenancy, revision);
  });

  it("says at the deadline that it is not searchable yet", async () => {
    for (const token of [extraction, revision]) {
      const deps = { tokens, signals: never, freshness: after(Number.POSITIVE_INFINITY) };
      await expect(awaitFreshness(deps, tenancy, token, soon())).rejects.toMatchObject({
        kind: "deadline_exceeded",
        reason: "FRESHNESS_TIMEOUT",
      });
    }
  });

  it("ends with the call", async () => {
    const call = new AbortController();
    const freshness = {
      isSearchable: async () => {
        call.abort(new Error("cancelled"));
        return false;
      },
    };
    await expect(
      awaitFreshness({ tokens, signals: never, freshness }, tenancy, extraction, undefined, call.signal),
    ).rejects.toThrow("cancelled");
  });

  it("refuses a token that is not the tenant's", async () => {
    const deps = { tokens, signals: never, freshness: after(1) };
    const foreign = tokens.seal(
      { ...tenancy, tenantId: randomUUID() },
      { type: "revision", revision: 1n, buckets: [3] },
    );
    await expect(awaitFreshness(deps, tenancy, foreign)).rejects.toMatchObject({
      reason: "FRESHNESS_TOKEN_INVALID",
    });
  });
});
