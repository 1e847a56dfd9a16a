import { expect, it } from "vitest";
import { hasNamespace } from "./temporal-namespace.ts";

it("tells a namespace that Temporal has from one that it lacks", async () => {
  const { MNEME_TEMPORAL_ADDRESS: temporalAddress, MNEME_TEMPORAL_NAMESPACE: namespace } = process.env;
  if (!temporalAddress || !namespace)
    throw new Error("These tests run on a real Temporal: run them with `npm test`.");
  expect(await hasNamespace({ temporalAddress }, namespace)).toBe(true);
  expect(await hasNamespace({ temporalAddress }, "nobody-made-this-one")).toBe(false);
});
