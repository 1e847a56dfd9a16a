import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Administration, openAdministration, operatorKeyOf } from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

let server: Administration;
let operatorKey: string;

beforeAll(async () => {
  server = await openAdministration("limitsets");
  operatorKey = await operatorKeyOf(server.record);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const SAFE = BigInt(Number.MAX_SAFE_INTEGER);

test.each([
  ["requests_per_second", { requestsPerSecond: 1_000_000 }, { requestsPerSecond: 1_000_001 }],
  ["requests_per_second", { requestsPerSecond: 0.001 }, { requestsPerSecond: 1e-300 }],
  ["burst", { burst: 10_000_000 }, { burst: 10_000_001 }],
  ["messages_per_day", { messagesPerDay: SAFE }, { messagesPerDay: SAFE + 1n }],
  ["memories", { memories: SAFE }, { memories: SAFE + 1n }],
  ["model_tokens_per_month", { modelTokensPerMonth: SAFE }, { modelTokensPerMonth: SAFE + 1n }],
  ["streams", { streams: 100_000 }, { streams: 100_001 }],
])("%s is kept up to its bound %o, and refused by name beyond", async (field, limits, beyond) => {
  const operator = server.as(OperatorService, operatorKey);
  const { tenant } = await operator.createTenant({ name: field, limits });
  expect(tenant?.limits).toMatchObject(limits);
  const refusal = { code: "InvalidArgument", reason: "FIELD_INVALID", fields: [`limits.${field}`] };
  const created = operator.createTenant({ name: field, limits: beyond });
  expect(await failureOfCall(created)).toMatchObject(refusal);
  const tenantId = tenant?.tenantId ?? "";
  const change = { tenantId, limits: beyond, updateMask: { paths: [`limits.${field}`] } };
  expect(await failureOfCall(operator.updateTenant(change))).toMatchObject(refusal);
});
