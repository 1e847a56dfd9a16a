import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { type AdministrationServer, startAdministration } from "@mneme/api/testing/administration.ts";
import { failureOfCall } from "@mneme/api/testing/wire-errors.ts";
import { createCipher } from "@mneme/core/encryption/cipher.ts";
import { HOLD_MS, OUTAGE_MS } from "@mneme/core/encryption/key-leases.ts";
import { bringKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import { rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import type { KeyConfig } from "@mneme/core/key-settings.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { startTransitServer, type TransitServer } from "@mneme/keys/testing/transit-server.ts";
import { createKeyStore, type PostgresKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { type Provisioned, provisionOperator, provisionTenant } from "@mneme/postgres/provision.ts";
import { administratorOf, requestOf } from "@mneme/postgres/testing/administrator.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { State } from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let record: TestRecord;
let resources: AsyncDisposableStack;
let vault: TransitServer;
let server: AdministrationServer;
let store: PostgresKeyStore;
/** What the leases take for the time. */
let now = 0;

beforeAll(async () => {
  record = await openTestRecord("endingaccess");
});
afterAll(() => record?.[Symbol.asyncDispose]());
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  vault = resources.use(await startTransitServer());
  for (const key of ["mneme", "acme"]) vault.ask("POST", `keys/${key}`);
});
afterEach(() => resources.disposeAsync());

/** A process of some settings. */
async function start(change: Partial<KeyConfig> = {}): Promise<void> {
  const { masterKeyFile, urls } = record;
  const local = { masterKeyFile, previousMasterKeyFile: undefined, anyAddress: true, transit: undefined };
  const providers = resources.use(await openKeyProviders({ ...local, standard: "local", ...change }));
  const pool = createPool({ url: urls.keys, applicationName: "ending access test", schema: "public" });
  resources.defer(() => pool.end());
  store = createKeyStore(pool, providers, { now: () => now });
  const database = { pool: record.database.pool, keys: store, cipher: createCipher(store) };
  server = resources.use(await startAdministration({ database }));
}

const UNKNOWN = { code: "Unauthenticated", reason: "CREDENTIALS_INVALID" };
const SUSPENDED = { code: "PermissionDenied", reason: "SUSPENDED" };
/** What is promised of a call that begins after the answer. */
const A_SECOND = { timeout: 1_000, interval: 20 };
const state = { state: State.SUSPENDED, updateMask: { paths: ["state"] } };

describe.each([
  {
    what: "does not answer",
    refusal: {
      code: "Unavailable",
      reason: "DEPENDENCY_UNAVAILABLE",
      metadata: { dependency: "tenant_key_provider" },
    },
    cut: () => {
      vault.sealed = true;
      now += OUTAGE_MS;
    },
  },
  {
    what: "refuses",
    refusal: { code: "PermissionDenied", reason: "TENANT_KEY_REVOKED" },
    cut: (token: string) => {
      vault.revoke(token);
      now += HOLD_MS;
    },
  },
])("while the tenant's key provider $what", ({ refusal, cut }) => {
  let tenant: Provisioned;
  const keys = (secret = tenant.apiKey) => server.as(ApiKeyService, secret);
  const tenancy = () => server.as(TenancyService, tenant.apiKey);
  let close: () => void;

  beforeEach(async () => {
    await start();
    tenant = await provisionTenant({ pool: record.admin, keys: store, name: "acme" });
    const token = vault.issue("acme");
    const reference = { url: vault.url, mount: vault.mount, key: "acme", namespace: "" };
    const request = requestOf("BringTenantKey");
    await bringKey(store.custody, administratorOf(tenant), { reference, token }, request);
    await rewrapDataKeys(store.custody, tenant.tenantId);
    close = () => cut(token);
  });

  it("a leaked key is found, and revoked within a second; what needs the tenant's key is refused", async () => {
    for (const name of ["leaked", "other"]) await keys().createApiKey({ name, roles: [Role.AUDITOR] });
    const { secret } = await keys().createApiKey({ name: "also leaked", roles: [Role.AUDITOR] });
    await keys(secret).getApiKey({});
    close();
    for (const call of [
      () => tenancy().createTeam({ teamId: "crew" }),
      () => tenancy().listTeams({}),
      () => keys().createApiKey({ name: "new", roles: [Role.AUDITOR] }),
    ])
      expect(await failureOfCall(call())).toMatchObject(refusal);
    const first = await keys().listApiKeys({ pageSize: 1 });
    const rest = await keys().listApiKeys({ pageSize: 250, pageToken: first.nextPageToken });
    expect(rest.apiKeys.map(({ name }) => name)).toEqual(["other", "leaked", "first"]);
    const [leaked] = first.apiKeys;
    const revocation = { apiKeyId: leaked?.apiKeyId ?? "", requestId: "once" };
    const { apiKey } = await keys().revokeApiKey(revocation);
    await expect.poll(() => failureOfCall(keys(secret).getApiKey({})), A_SECOND).toMatchObject(UNKNOWN);
    expect((await keys().revokeApiKey(revocation)).apiKey).toEqual(apiKey);
    const another = keys().revokeApiKey({ ...revocation, apiKeyId: rest.apiKeys[0]?.apiKeyId ?? "" });
    expect(await failureOfCall(another)).toMatchObject({ reason: "REQUEST_ID_REUSED" });
  });

  it("a key is rotated, a grant taken back and a project archived", async () => {
    const { apiKey, secret } = await keys().createApiKey({ name: "one", roles: [Role.AUDITOR] });
    const apiKeyId = apiKey?.apiKeyId ?? "";
    await tenancy().createTeam({ teamId: "crew" });
    const grantee = { grantee: { case: "apiKeyId" as const, value: apiKeyId } };
    const { grant } = await tenancy().createGrant({ teamId: "crew", grantee });
    const { project } = await tenancy().createProject({ name: "two" });
    const { projectId = "" } = project ?? {};
    const inside = await keys().createApiKey({ name: "inside", projectId, roles: [Role.AUDITOR] });
    close();
    await tenancy().deleteGrant({ grantId: grant?.grantId ?? "" });
    expect(await failureOfCall(tenancy().listGrants({}))).toMatchObject(refusal);
    const rotated = await keys().rotateApiKey({ apiKeyId, overlapSeconds: 0 });
    expect((await keys(rotated.secret).getApiKey({})).apiKey?.name).toBe("one");
    await expect.poll(() => failureOfCall(keys(secret).getApiKey({})), A_SECOND).toMatchObject(UNKNOWN);
    const found = (await tenancy().listProjects({})).projects.map((one) => one.projectId);
    expect(found).toContain(projectId);
    await tenancy().updateProject({ projectId, ...state });
    const archived = () => failureOfCall(keys(inside.secret).getApiKey({}));
    await expect.poll(archived, A_SECOND).toMatchObject(SUSPENDED);
  });

  it("a page token that somebody made up is refused like a broken one", async () => {
    close();
    const made = (position: string) => {
      const filters = ["api_keys", "", false];
      const hash = createHash("sha256")
        .update(`${tenant.tenantId}/page/`)
        .update(JSON.stringify([filters, position]));
      const bytes = [Buffer.of(1), hash.digest().subarray(0, 16), Buffer.from(position)];
      return Buffer.concat(bytes).toString("base64url");
    };
    const { apiKey } = await keys().getApiKey({});
    const behind = await keys().listApiKeys({ pageToken: made(apiKey?.apiKeyId ?? "") });
    expect(behind.apiKeys).toEqual([]);
    const broken = keys().listApiKeys({ pageToken: made("no id") });
    expect(await failureOfCall(broken)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
  });
});

it("the operator finds and suspends a tenant while the deployment's key provider does not answer", async () => {
  const tokenFile = `${record.masterKeyFile}.token`;
  await writeFile(tokenFile, vault.issue("mneme"));
  const { url, mount } = vault;
  await start({
    standard: "transit",
    transit: { url, mount, key: "mneme", namespace: "", tokenFile, caFile: undefined },
  });
  const operator = server.as(OperatorService, await provisionOperator({ pool: record.admin, keys: store }));
  const { tenant, secret } = await operator.createTenant({ name: "acme" });
  const own = server.as(ApiKeyService, secret);
  await own.getApiKey({});
  vault.sealed = true;
  now += OUTAGE_MS;
  expect(await failureOfCall(operator.createTenant({ name: "other" }))).toMatchObject({
    reason: "DEPENDENCY_UNAVAILABLE",
    metadata: { dependency: "key_provider" },
  });
  const { tenants } = await operator.listTenants({ pageSize: 250 });
  expect(tenants).toContainEqual(tenant);
  await operator.updateTenant({ tenantId: tenant?.tenantId ?? "", ...state });
  await expect.poll(() => failureOfCall(own.getApiKey({})), A_SECOND).toMatchObject(SUSPENDED);
});
