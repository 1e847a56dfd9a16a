import { expect, it } from "vitest";
import { hasNamespace } from "./temporal-namespace.ts";

it("tells a namespace that Temporal has from one that it lacks", async () => {
  const { MNEME_TEMPORAL_ADDRESS: address, MNEME_TEMPORAL_NAMESPACE: namespace } = process.env;
  if (!address || !namespace)
    throw new Error("These tests run on a real Temporal: run them with `npm test`.");
  expect(await hasNamespace(address, namespace)).toBe(true);
  expect(await hasNamespace(address, "nobody-made-this-one")).toBe(false);
});
