import { expect, it } from "vitest";
import { type ErrorKind, MnemeError, type Reason } from "../errors.ts";
import { isOutage } from "./outage.ts";

const failure = (
  dependency?: string,
  reason: Reason = "DEPENDENCY_UNAVAILABLE",
  kind: ErrorKind = "unavailable",
) => new MnemeError(kind, reason, "down", dependency === undefined ? {} : { metadata: { dependency } });

it.each(["postgres", "opensearch", "model", "key_provider", "tenant_key_provider"])(
  "waits for %s while it is away",
  (dependency) => {
    expect(isOutage(failure(dependency))).toBe(true);
  },
);

it("waits for a key that its tenant has revoked", () => {
  expect(isOutage(failure(undefined, "TENANT_KEY_REVOKED", "permission_denied"))).toBe(true);
});

it("counts as a try whatever says something about the message", () => {
  expect(isOutage(failure())).toBe(false);
  expect(isOutage(failure("model", "MODEL_TIMEOUT", "deadline_exceeded"))).toBe(false);
  expect(isOutage(failure("postgres", "DEPENDENCY_UNAVAILABLE", "cancelled"))).toBe(false);
  expect(isOutage(new Error("a bug"))).toBe(false);
});
