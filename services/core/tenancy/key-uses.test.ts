import { expect, it } from "vitest";
import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";
import { type KeyUseStore, noteKeyUses } from "./key-uses.ts";

const callerOf = (apiKeyId: string): Caller => ({
  tenantId: "tenant",
  projectId: "project",
  apiKeyId,
  isOfTenant: true,
  permissions: new Set(),
  reach: { principals: [] },
  limits: { tenant: {}, project: {}, apiKey: {} },
});
/** The secret is the key's id; `unknown` is nobody's. */
const authenticator: Authenticator = {
  authenticate: async ({ secret }) => (secret === "unknown" ? undefined : { caller: callerOf(secret) }),
};

/** Keeps what it is told of, once it is up. */
function keeping() {
  const kept: string[][] = [];
  const state = { isDown: false, kept };
  const store: KeyUseStore = {
    async note(uses) {
      if (state.isDown) throw new Error("down");
      kept.push([...uses.keys()]);
    },
  };
  return Object.assign(state, { store });
}

it("tells of each key once a while, and of what is left at the end", async () => {
  const { kept, store } = keeping();
  const uses = noteKeyUses(store, { gatherMs: 20 });
  const { authenticate } = uses.noting(authenticator);
  for (const secret of ["one", "two", "one", "unknown"]) await authenticate({ secret });
  await expect.poll(() => kept).toEqual([["one", "two"]]);
  await authenticate({ secret: "two" });
  await uses[Symbol.asyncDispose]();
  expect(kept).toEqual([["one", "two"], ["two"]]);
});

it("tells again of what could not be kept", async () => {
  const record = keeping();
  record.isDown = true;
  let failures = 0;
  const uses = noteKeyUses(record.store, { gatherMs: 5, onFailure: () => (failures += 1) });
  await uses.noting(authenticator).authenticate({ secret: "one" });
  await expect.poll(() => failures).toBeGreaterThan(1);
  record.isDown = false;
  await expect.poll(() => record.kept).toEqual([["one"]]);
  await uses[Symbol.asyncDispose]();
});
