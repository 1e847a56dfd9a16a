import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Administration,
  type AdministrationServer,
  openAdministration,
  startAdministration,
} from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

const BOOTSTRAP = "a-bootstrap-key-of-more-than-32-characters";
const UNKNOWN = { code: "Unauthenticated", reason: "CREDENTIALS_INVALID" };

let plain: Administration;
let replicas: [AdministrationServer, AdministrationServer];

beforeEach(async () => {
  plain = await openAdministration("bootstrap");
  const start = () => startAdministration(plain.record, { bootstrapKey: BOOTSTRAP });
  replicas = [await start(), await start()];
});
afterEach(async () => {
  for (const replica of replicas ?? []) await replica[Symbol.asyncDispose]();
  await plain?.[Symbol.asyncDispose]();
});

const makeOperator = (replica: AdministrationServer, name = "operator") =>
  replica.as(ApiKeyService, BOOTSTRAP).createApiKey({ name, roles: [Role.OPERATOR] });

test("the bootstrap credential makes the first operator's key, and works no more", async () => {
  const [one, other] = replicas;
  expect((await one.as(OperatorService, BOOTSTRAP).listTenants({})).tenants).toHaveLength(1);
  expect(await failureOfCall(one.as(TenancyService, BOOTSTRAP).getTenant({}))).toMatchObject({
    reason: "PERMISSION_MISSING",
  });
  const { secret } = await makeOperator(one);
  for (const replica of [one, other]) {
    expect(await failureOfCall(replica.as(OperatorService, BOOTSTRAP).listTenants({}))).toMatchObject(
      UNKNOWN,
    );
    expect(await failureOfCall(makeOperator(replica))).toMatchObject(UNKNOWN);
  }
  const { tenant } = await other.as(OperatorService, secret).createTenant({ name: "first" });
  expect(tenant?.name).toBe("first");
});

test("of many who bootstrap at once one wins", async () => {
  const tries = Array.from({ length: 8 }, (_, i) =>
    makeOperator(replicas[i % 2 === 0 ? 0 : 1], `operator ${i}`),
  );
  const settled = await Promise.allSettled(tries);
  const [won, ...more] = settled.filter(({ status }) => status === "fulfilled");
  expect(won).toBeDefined();
  expect(more).toEqual([]);
  for (const lost of tries) {
    await lost.catch(async () => expect(await failureOfCall(lost)).toMatchObject(UNKNOWN));
  }
});

test("where no file says so, no such credential works", async () => {
  expect(await failureOfCall(makeOperator(plain))).toMatchObject(UNKNOWN);
});

test.each(["too short", "with blanks that no header can have in it"])(
  "a credential %s is refused",
  async (key) => {
    await expect(startAdministration(plain.record, { bootstrapKey: key })).rejects.toThrow("32 characters");
  },
);
