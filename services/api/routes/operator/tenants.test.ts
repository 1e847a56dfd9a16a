import { randomUUID } from "node:crypto";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { State } from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Administration,
  openAdministration,
  operatorKeyOf,
  startSigning,
} from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

let server: Administration;
let operatorKey: string;

beforeAll(async () => {
  server = await openAdministration("operator");
  operatorKey = await operatorKeyOf(server.record);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const operator = () => server.as(OperatorService, operatorKey);
const mask = (...paths: string[]) => ({ paths });
const NO_TENANT = { code: "NotFound", reason: "TENANT_NOT_FOUND" };
const NOBODY = "01890000-0000-7000-8000-000000000001";

describe("a tenant", () => {
  test("is made with a project and an administrator's key, once for a request id", async () => {
    const request = { name: "acme", limits: { burst: 7 }, requestId: randomUUID() };
    const { tenant, apiKey, secret } = await operator().createTenant(request);
    expect(tenant).toMatchObject({ name: "acme", state: State.ACTIVE, limits: { burst: 7 } });
    expect(apiKey?.roles).toContain(Role.ADMIN);
    const { tenant: seen } = await server.as(TenancyService, secret).getTenant({});
    expect(seen).toEqual(tenant);
    const { project } = await server.as(TenancyService, secret).getProject({});
    expect(project).toMatchObject({ projectId: tenant?.defaultProjectId, name: "default" });
    expect(await operator().createTenant(request)).toMatchObject({ tenant, secret: "" });
  });

  test("is suspended within a second, keeps everything, and is served again", async () => {
    const { tenant, secret } = await operator().createTenant({ name: "late payer" });
    const tenantId = tenant?.tenantId ?? "";
    const theirs = server.as(TenancyService, secret);
    await theirs.getTenant({});
    const suspend = { tenantId, state: State.SUSPENDED, updateMask: mask("state") };
    expect((await operator().updateTenant(suspend)).tenant?.state).toBe(State.SUSPENDED);
    const suspended = { code: "PermissionDenied", reason: "SUSPENDED" };
    await expect
      .poll(() => failureOfCall(theirs.getTenant({})), { timeout: 1_000, interval: 10 })
      .toMatchObject(suspended);
    await operator().updateTenant({ ...suspend, state: State.ACTIVE });
    await expect.poll(async () => (await theirs.getTenant({})).tenant?.name).toBe("late payer");
  });

  test("has limits that the operator alone sets, under the etag that both share", async () => {
    const { tenant, secret } = await operator().createTenant({ name: "acme", limits: { burst: 1 } });
    const tenantId = tenant?.tenantId ?? "";
    await server.as(TenancyService, secret).updateTenant({ name: "Acme", updateMask: mask("name") });
    const limits = { requestsPerSecond: 2.5, messagesPerDay: 1_000n };
    const change = {
      tenantId,
      limits,
      updateMask: mask("limits.requests_per_second", "limits.messages_per_day"),
    };
    const late = operator().updateTenant({ ...change, etag: tenant?.etag ?? "" });
    expect(await failureOfCall(late)).toMatchObject({ code: "Aborted", reason: "ETAG_MISMATCH" });
    const { tenant: changed } = await operator().updateTenant(change);
    expect(changed?.limits).toMatchObject({ burst: 1, ...limits });
    const huge = operator().updateTenant({ ...change, limits: { messagesPerDay: 2n ** 60n } });
    expect(await failureOfCall(huge)).toMatchObject({ fields: ["limits.messages_per_day"] });
  });

  test("gets another administrator's key where it has lost its own", async () => {
    const { tenant } = await operator().createTenant({ name: "forgetful" });
    const tenantId = tenant?.tenantId ?? "";
    const { secret } = await operator().createTenantAdminKey({ tenantId });
    expect((await server.as(TenancyService, secret).getTenant({})).tenant?.tenantId).toBe(tenantId);
  });

  test("comes in pages, oldest first, and the operator's own is none of them", async () => {
    const names = ["first", "second"].map((name) => `${name} ${randomUUID()}`);
    for (const name of names) await operator().createTenant({ name });
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await operator().listTenants({ pageSize: 2, pageToken });
      seen.push(...page.tenants.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen.filter((name) => names.includes(name))).toEqual(names);
    expect(seen).not.toContain("operator");
  });

  test("that is not there is not found, by any RPC, nor is the operator's own", async () => {
    const { rows } = await server.record.admin.query<{ id: string }>(
      "select id from mneme.tenants where name = 'operator'",
    );
    for (const tenantId of [NOBODY, rows[0]?.id ?? ""]) {
      const calls = [
        () => operator().getTenant({ tenantId }),
        () => operator().updateTenant({ tenantId, state: State.SUSPENDED, updateMask: mask("state") }),
        () => operator().createTenantAdminKey({ tenantId }),
        () => operator().getPlacement({ tenantId }),
        () => operator().moveTenant({ tenantId, target: { case: "ownIndex", value: true } }),
      ];
      for (const call of calls) expect(await failureOfCall(call())).toMatchObject(NO_TENANT);
    }
  });
});

describe("a placement", () => {
  test("is the default pool until the tenant moves, and a move is asked for once a request id", async () => {
    const { tenant } = await operator().createTenant({ name: "mover" });
    const tenantId = tenant?.tenantId ?? "";
    const { placement } = await operator().getPlacement({ tenantId });
    expect(placement).toMatchObject({ tenantId, pool: "shared", movingTo: "" });
    const request = { tenantId, target: { case: "pool", value: "large" }, requestId: randomUUID() } as const;
    for (const _ of ["first", "again"]) {
      const moved = await operator().moveTenant(request);
      expect(moved.placement).toMatchObject({ pool: "shared", movingTo: "large" });
    }
    expect(await operator().getPlacement({ tenantId })).toMatchObject({
      placement: { pool: "shared", movingTo: "large" },
    });
    const { rows } = await server.record.admin.query(
      "select topic, key from mneme.outbox where tenant_id = $1",
      [tenantId],
    );
    expect(rows).toEqual([{ topic: "move", key: "large" }]);
  });

  test("is the same in whichever case its tenant's id is written", async () => {
    const { tenant } = await operator().createTenant({ name: "shouter" });
    const tenantId = tenant?.tenantId ?? "";
    const loud = tenantId.toUpperCase();
    const requestId = randomUUID();
    const pool = `own${tenantId.replaceAll("-", "")}`;
    for (const id of [loud, tenantId]) {
      const target = { case: "ownIndex", value: true } as const;
      const moved = await operator().moveTenant({ tenantId: id, target, requestId });
      expect(moved.placement).toMatchObject({ tenantId, pool: "shared", movingTo: pool });
    }
    const { placement } = await operator().getPlacement({ tenantId: loud });
    expect(placement).toMatchObject({ tenantId, movingTo: pool });
  });
});

test("a signing key is rotated once for a request id", async () => {
  await using signing = await startSigning(server.record);
  const rotate = (requestId: string) =>
    signing.as(OperatorService, operatorKey).rotateSigningKey({ requestId });
  const first = await rotate("one");
  expect(await rotate("one")).toEqual(first);
  const second = await rotate("two");
  expect(second.keyId).not.toBe(first.keyId);
  const { rows } = await server.record.keysAdmin.query(
    "select kid from signing_keys where retired_at is null",
  );
  expect(rows).toEqual([{ kid: second.keyId }]);
});

describe("the operator's key", () => {
  const denied = { code: "PermissionDenied", reason: "PERMISSION_MISSING" };

  test("reads and administers nothing of a tenant, and makes none but its like", async () => {
    expect(await failureOfCall(server.as(TenancyService, operatorKey).getTenant({}))).toMatchObject(denied);
    const keys = server.as(ApiKeyService, operatorKey);
    for (const role of [Role.READER, Role.ADMIN, Role.ERASER]) {
      expect(await failureOfCall(keys.createApiKey({ name: "more", roles: [role] }))).toMatchObject(denied);
    }
    const { secret } = await keys.createApiKey({ name: "another", roles: [Role.OPERATOR] });
    await expect(server.as(OperatorService, secret).listTenants({ pageSize: 1 })).resolves.toBeDefined();
  });

  test("is what a tenant's administrator can't replace", async () => {
    const { secret } = await operator().createTenant({ name: "curious" });
    const theirs = server.as(OperatorService, secret);
    expect(await failureOfCall(theirs.listTenants({}))).toMatchObject(denied);
    expect(await failureOfCall(theirs.createTenant({ name: "mine" }))).toMatchObject(denied);
  });
});
