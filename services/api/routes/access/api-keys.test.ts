import { timestampDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { Access } from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  type Administration,
  openAdministration,
  type Provisioned,
  startAdministration,
} from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

let server: Administration;
let tenant: Provisioned;

beforeAll(async () => {
  server = await openAdministration("keys");
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  tenant = await server.record.provision();
});

const keys = (secret = tenant.apiKey) => server.as(ApiKeyService, secret);
const HOUR_MS = 3_600_000;
const UNKNOWN = { code: "Unauthenticated", reason: "CREDENTIALS_INVALID" };
const lacks = (permission: string) => {
  return { code: "PermissionDenied", reason: "PERMISSION_MISSING", metadata: { permission } };
};

describe("a key", () => {
  test("has its secret shown once, and only a hash of it kept", async () => {
    const request = {
      name: "one",
      roles: [Role.READER, Role.ERASER],
      limits: { burst: 3 },
      requestId: "once",
    };
    const { apiKey, secret } = await keys().createApiKey(request);
    expect(secret).toMatch(/^mneme_[\w-]{43}$/);
    expect(apiKey).toMatchObject({
      name: "one",
      projectId: "",
      prefix: secret.slice(0, 12),
      roles: [Role.READER, Role.ERASER],
      limits: { burst: 3 },
    });
    expect(await keys().createApiKey(request)).toMatchObject({ apiKey, secret: "" });
    const { rows } = await server.record.admin.query(
      "select k.*, encode(key_hash, 'escape') as hash from mneme.api_keys k where id = $1",
      [apiKey?.apiKeyId],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(12));
  });

  test("is read, its own maker's by default, and listed in pages with those that ended where asked for", async () => {
    expect((await keys().getApiKey({})).apiKey?.name).toBe("first");
    for (const name of ["one", "two"]) await keys().createApiKey({ name, roles: [Role.READER] });
    const page = await keys().listApiKeys({ pageSize: 1 });
    const [two] = page.apiKeys;
    await keys().revokeApiKey({ apiKeyId: two?.apiKeyId ?? "" });
    const names = async (request: { showEnded?: boolean; projectId?: string }) =>
      (await keys().listApiKeys(request)).apiKeys.map(({ name }) => name);
    expect(await names({})).toEqual(["one", "first"]);
    expect(await names({ showEnded: true })).toEqual(["two", "one", "first"]);
    expect(await names({ projectId: tenant.projectId })).toEqual([]);
    const elsewhere = keys().listApiKeys({ showEnded: true, pageToken: page.nextPageToken });
    expect(await failureOfCall(elsewhere)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
  });

  test("expires by itself", async () => {
    const expireTime = timestampFromMs(Date.now() + 2_000);
    const { secret } = await keys().createApiKey({ name: "brief", roles: [Role.AUDITOR], expireTime });
    expect((await keys(secret).getApiKey({})).apiKey?.name).toBe("brief");
    await expect
      .poll(() => failureOfCall(keys(secret).getApiKey({})), { timeout: 5_000 })
      .toMatchObject(UNKNOWN);
  });

  test("of another tenant is as one that does not exist", async () => {
    const other = await server.record.provision();
    const { apiKey } = await keys(other.apiKey).getApiKey({});
    const apiKeyId = apiKey?.apiKeyId ?? "";
    const missing = { code: "NotFound", reason: "API_KEY_NOT_FOUND", metadata: { api_key_id: apiKeyId } };
    for (const call of [
      () => keys().getApiKey({ apiKeyId }),
      () => keys().rotateApiKey({ apiKeyId }),
      () => keys().revokeApiKey({ apiKeyId }),
    ]) {
      expect(await failureOfCall(call())).toMatchObject(missing);
    }
    expect((await keys(other.apiKey).getApiKey({})).apiKey?.revokeTime).toBeUndefined();
  });
});

describe("nobody makes a key that may do more than their own", () => {
  test("not one of another role, nor the operator's", async () => {
    const { secret } = await keys().createApiKey({ name: "admin", roles: [Role.ADMIN] });
    const make = (roles: Role[]) => failureOfCall(keys(secret).createApiKey({ name: "more", roles }));
    expect(await make([Role.READER, Role.AUDITOR])).toMatchObject(lacks("AUDIT_READ"));
    expect(await make([Role.OPERATOR])).toMatchObject(lacks("OPERATOR_WRITE"));
    await expect(keys(secret).createApiKey({ name: "less", roles: [Role.WRITER] })).resolves.toBeDefined();
  });

  test("nor by rotating one that may", async () => {
    const { secret } = await keys().createApiKey({ name: "admin", roles: [Role.ADMIN] });
    const { apiKey } = await keys().createApiKey({ name: "auditor", roles: [Role.AUDITOR] });
    const rotation = keys(secret).rotateApiKey({ apiKeyId: apiKey?.apiKeyId ?? "" });
    expect(await failureOfCall(rotation)).toMatchObject(lacks("AUDIT_READ"));
    expect((await keys().getApiKey({ apiKeyId: apiKey?.apiKeyId ?? "" })).apiKey?.replacedBy).toBe("");
  });

  test("nor one of another project, or of the tenant, with a project's", async () => {
    const { project } = await server.as(TenancyService, tenant.apiKey).createProject({ name: "one" });
    const { projectId = "" } = project ?? {};
    const { secret } = await keys().createApiKey({ name: "of one", projectId, roles: [Role.ADMIN] });
    const reader = { name: "more", roles: [Role.READER] };
    expect(await failureOfCall(keys(secret).createApiKey(reader))).toMatchObject(lacks("API_KEY_WRITE"));
    const elsewhere = keys(secret).createApiKey({ ...reader, projectId: tenant.projectId });
    expect(await failureOfCall(elsewhere)).toMatchObject({ reason: "PROJECT_NOT_FOUND" });
    const { apiKey } = await keys(secret).createApiKey({ ...reader, projectId });
    expect(apiKey?.projectId).toBe(projectId);
    expect((await keys(secret).listApiKeys({})).apiKeys.map(({ name }) => name)).toEqual(["more", "of one"]);
    const { apiKey: ofTenant } = await keys().getApiKey({});
    const revocation = keys(secret).revokeApiKey({ apiKeyId: ofTenant?.apiKeyId ?? "" });
    expect(await failureOfCall(revocation)).toMatchObject({ reason: "API_KEY_NOT_FOUND" });
  });
});

describe("a project's key that may make keys", () => {
  let admin: string;
  let granted: Awaited<ReturnType<ReturnType<typeof keys>["createApiKey"]>>;
  const tenancy = () => server.as(TenancyService, tenant.apiKey);
  const grant = () => {
    const grantee = { grantee: { case: "apiKeyId" as const, value: granted.apiKey?.apiKeyId ?? "" } };
    return tenancy().createGrant({ teamId: "sales", grantee });
  };
  const rotate = (secret: string) => keys(secret).rotateApiKey({ apiKeyId: granted.apiKey?.apiKeyId ?? "" });

  beforeEach(async () => {
    const draft = { projectId: tenant.projectId, roles: [Role.ADMIN] };
    ({ secret: admin } = await keys().createApiKey({ ...draft, name: "admin" }));
    granted = await keys().createApiKey({ ...draft, name: "granted" });
    await tenancy().createTeam({ teamId: "sales" });
  });

  test("gets none that a grant names: by itself, or by the tenant's, is such a key rotated", async () => {
    await grant();
    const refused = await failureOfCall(rotate(admin));
    expect(refused).toMatchObject(lacks("TENANCY_WRITE"));
    expect(refused.message).toContain("with a key of the tenant, or with itself");
    const apiKeyId = granted.apiKey?.apiKeyId ?? "";
    expect((await keys().getApiKey({ apiKeyId })).apiKey).toEqual(granted.apiKey);
    const { apiKey } = await rotate(granted.secret);
    const { secret } = await keys().rotateApiKey({ apiKeyId: apiKey?.apiKeyId ?? "" });
    expect(secret).not.toBe("");
    expect((await tenancy().listGrants({ teamId: "sales" })).grants).toHaveLength(3);
  });

  test("gets one whose grant is over, without it", async () => {
    const { grant: made } = await grant();
    await server.record.admin.query(
      "update mneme.grants set expires_at = now() - interval '1 second' where id = $1",
      [made?.grantId],
    );
    expect((await rotate(admin)).secret).not.toBe("");
    expect((await tenancy().listGrants({ teamId: "sales" })).grants).toHaveLength(1);
  });

  test("gets none that is granted something while it is rotated", async () => {
    const holder = await server.record.admin.connect();
    const waiting = async () =>
      (
        await server.record.admin.query(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).rowCount;
    try {
      // The rotation has looked for grants once it waits here, to insert a key of this project.
      await holder.query("begin");
      await holder.query("select from mneme.projects where id = $1 for update", [tenant.projectId]);
      const rotation = rotate(admin);
      await expect.poll(waiting).toBe(1);
      const granting = grant();
      await expect.poll(waiting).toBe(2);
      await holder.query("commit");
      expect((await rotation).secret).not.toBe("");
      await granting;
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    const { grants } = await tenancy().listGrants({ teamId: "sales" });
    expect(grants.map(({ grantee }) => grantee?.grantee.value)).toEqual([granted.apiKey?.apiKeyId]);
  });
});

describe("rotation", () => {
  test("makes a key that may do the same while the old one works on for the overlap", async () => {
    const expireTime = timestampFromMs(Date.now() + HOUR_MS);
    const draft = { name: "one", roles: [Role.ADMIN], limits: { burst: 2 }, expireTime };
    const old = await keys().createApiKey(draft);
    const rotated = await keys(old.secret).rotateApiKey({ overlapSeconds: 60, requestId: "once" });
    expect(rotated.apiKey).toMatchObject({ name: "one", roles: [Role.ADMIN], limits: { burst: 2 } });
    const newEnd = rotated.apiKey?.expireTime && timestampDate(rotated.apiKey.expireTime).getTime();
    expect(newEnd).toBeGreaterThan(Date.now() + HOUR_MS - 60_000);
    expect(rotated.replaced).toMatchObject({
      apiKeyId: old.apiKey?.apiKeyId,
      replacedBy: rotated.apiKey?.apiKeyId,
    });
    const oldEnd = rotated.replaced?.expireTime && timestampDate(rotated.replaced.expireTime).getTime();
    expect(oldEnd).toBeLessThan(Date.now() + 61_000);
    for (const secret of [old.secret, rotated.secret]) {
      expect((await keys(secret).getApiKey({})).apiKey?.name).toBe("one");
    }
    const again = await keys(old.secret).rotateApiKey({ overlapSeconds: 60, requestId: "once" });
    expect(again).toMatchObject({ secret: "", apiKey: { apiKeyId: rotated.apiKey?.apiKeyId } });
    const twice = await failureOfCall(keys(old.secret).rotateApiKey({}));
    expect(twice).toMatchObject({ reason: "STATE_CONFLICT", metadata: { state: "replaced" } });
  });

  test("hands the grants on: what the old key reached, the new one does", async () => {
    const { apiKey } = await keys().createApiKey({ name: "granted", roles: [Role.WRITER] });
    const apiKeyId = apiKey?.apiKeyId ?? "";
    const tenancy = server.as(TenancyService, tenant.apiKey);
    await tenancy.createTeam({ teamId: "sales" });
    const grantee = { grantee: { case: "apiKeyId" as const, value: apiKeyId } };
    await tenancy.createGrant({ teamId: "sales", grantee, access: Access.WRITE });
    const rotated = await keys().rotateApiKey({ apiKeyId });
    const { grants } = await tenancy.listGrants({ teamId: "sales" });
    const granted = grants.map((one) => [one.grantee?.grantee.value, one.access]);
    expect(granted).toContainEqual([rotated.apiKey?.apiKeyId, Access.WRITE]);
    expect(granted).toContainEqual([apiKeyId, Access.WRITE]);
  });

  test("ends the old one at once where no overlap is wanted, and none that has ended", async () => {
    const old = await keys().createApiKey({ name: "one", roles: [Role.AUDITOR] });
    const apiKeyId = old.apiKey?.apiKeyId ?? "";
    const rotated = await keys().rotateApiKey({ apiKeyId, overlapSeconds: 0 });
    await expect.poll(() => failureOfCall(keys(old.secret).getApiKey({}))).toMatchObject(UNKNOWN);
    const next = rotated.apiKey?.apiKeyId ?? "";
    await keys().revokeApiKey({ apiKeyId: next });
    expect(await failureOfCall(keys().rotateApiKey({ apiKeyId: next }))).toMatchObject({
      code: "FailedPrecondition",
      reason: "STATE_CONFLICT",
      metadata: { state: "revoked" },
    });
  });
});

describe("revocation", () => {
  test("ends a key on every replica within a second, while both are busy with it", async () => {
    await using other = await startAdministration(server.record);
    const { apiKey, secret } = await keys().createApiKey({ name: "one", roles: [Role.AUDITOR] });
    const replicas = [server, other].map((replica) => replica.as(ApiKeyService, secret));
    for (const replica of replicas) await replica.getApiKey({});
    let stopped = false;
    /** Calls without a pause. @returns when the last call began that was answered. */
    const hammer = async (replica: (typeof replicas)[number]) => {
      for (let last = 0; ; ) {
        const begun = performance.now();
        const answered = await replica.getApiKey({}).then(
          () => true,
          () => false,
        );
        if (!answered || stopped) return last;
        last = begun;
      }
    };
    const hammering = replicas.map(hammer);
    const { apiKey: revoked } = await keys().revokeApiKey({ apiKeyId: apiKey?.apiKeyId ?? "" });
    const revokedAt = performance.now();
    expect(revoked?.revokeTime).toBeDefined();
    const timer = setTimeout(() => {
      stopped = true;
    }, 10_000);
    const last = await Promise.all(hammering);
    clearTimeout(timer);
    expect(stopped).toBe(false);
    for (const begun of last) expect(begun - revokedAt).toBeLessThan(1_000);
    for (const replica of replicas) expect(await failureOfCall(replica.getApiKey({}))).toMatchObject(UNKNOWN);
  });

  test("is the same revocation the second time", async () => {
    const { apiKey } = await keys().createApiKey({ name: "one", roles: [Role.AUDITOR] });
    const apiKeyId = apiKey?.apiKeyId ?? "";
    const first = await keys().revokeApiKey({ apiKeyId });
    expect(await keys().revokeApiKey({ apiKeyId })).toEqual(first);
  });
});

test("the last use of a key is known once its replica has told of it, at its end at the latest", async () => {
  const { apiKey, secret } = await keys().createApiKey({ name: "one", roles: [Role.AUDITOR] });
  expect(apiKey?.lastUseTime).toBeUndefined();
  const before = Date.now();
  {
    await using replica = await startAdministration(server.record);
    await replica.as(ApiKeyService, secret).getApiKey({});
  }
  const { apiKey: used } = await keys().getApiKey({ apiKeyId: apiKey?.apiKeyId ?? "" });
  const at = used?.lastUseTime && timestampDate(used.lastUseTime).getTime();
  expect(at).toBeGreaterThanOrEqual(before);
  expect(at).toBeLessThanOrEqual(Date.now());
});
