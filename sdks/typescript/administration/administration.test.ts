import { createRouterTransport } from "@connectrpc/connect";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { TenantKeyService } from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { beforeEach, describe, expect, it } from "vitest";
import { Mneme } from "../node.ts";
import { Recorder } from "../test/recorder.ts";

const SERVICES = [TenancyService, ApiKeyService, OperatorService, TenantKeyService];
const ID = "0197a0a0-0000-7000-8000-000000000000";
const TIME = "2026-03-01T10:15:00Z";
const DATE = new Date(TIME);
const KEY = { id: ID, name: "reader", prefix: "mneme_abcdef", roles: ["reader"] };
const WIRE_KEY = { apiKeyId: ID, name: "reader", prefix: "mneme_abcdef", roles: ["ROLE_READER"] };
const WIRE_SETTINGS = {
  extraction: { categories: [{ name: "diet" }], excludeCategories: ["health"] },
  ranking: { recency: "RECENCY_LINEAR", maxDays: 90, rerank: false, rerankCandidates: 20 },
  retention: { messageDays: 0 },
  models: { extractor: "EXTRACTOR_CHOICE_EMBEDDED" },
  graphEnabled: false,
};
const SETTINGS = {
  extraction: { categories: [{ name: "diet", description: "" }], excludeCategories: ["health"] },
  ranking: { recency: "linear", maxDays: 90, rerank: false, rerankCandidates: 20 },
  retention: { messageDays: 0 },
  models: { extractor: "embedded" },
  graphEnabled: false,
};

let mneme: Mneme;
let recorder: Recorder;

beforeEach(() => {
  recorder = new Recorder(SERVICES);
  mneme = new Mneme({ apiKey: "mneme_key", transport: createRouterTransport(recorder.routes) });
});

describe("settings and limits", () => {
  it("are written where the patch says so, cleared by null, and read back", async () => {
    recorder.answers.UpdateTenant = {
      tenant: {
        tenantId: ID,
        state: "STATE_ACTIVE",
        settings: WIRE_SETTINGS,
        limits: { memories: "5000" },
        createTime: TIME,
      },
    };
    const settings = {
      extraction: { categories: [{ name: "diet" }], includeCategories: null },
      ranking: { recency: "linear", maxDays: 90, weights: null, rerank: true, origins: { tool: 1.2 } },
      models: null,
      graphEnabled: false,
      retention: { messageDays: 0, memoryDays: undefined },
    } as const;
    expect(await mneme.tenant.update({ settings }, { etag: "e1", requestId: "r1" })).toMatchObject({
      id: ID,
      state: "active",
      settings: SETTINGS,
      limits: { memories: 5000 },
      createTime: DATE,
    });
    const paths = [
      "extraction.categories,settings.extraction.includeCategories,settings.ranking.recency",
      "ranking.maxDays,settings.ranking.weights,settings.ranking.rerank,settings.ranking.origins,settings.models",
      "graphEnabled",
      "retention.messageDays",
    ];
    expect(recorder.calls[0]?.request).toEqual({
      settings: {
        extraction: { categories: [{ name: "diet" }] },
        ranking: { recency: "RECENCY_LINEAR", maxDays: 90, rerank: true, origins: { tool: 1.2 } },
        retention: { messageDays: 0 },
        graphEnabled: false,
      },
      updateMask: `settings.${paths.join(",settings.")}`,
      etag: "e1",
      requestId: "r1",
    });
  });

  it("of a project are its own, beside those that hold", async () => {
    recorder.answers.GetProject = {
      project: { projectId: ID, name: "shop", settings: { graphEnabled: true } },
      effectiveSettings: WIRE_SETTINGS,
    };
    expect(await mneme.projects.get()).toMatchObject({
      name: "shop",
      settings: { graphEnabled: true },
      effectiveSettings: SETTINGS,
    });
    recorder.answers.UpdateProject = { project: { projectId: ID, state: "STATE_SUSPENDED" } };
    const patch = {
      state: "suspended",
      limits: { messagesPerDay: 10, streams: null },
      settings: null,
    } as const;
    expect(await mneme.projects.update(ID, patch)).toMatchObject({ state: "suspended", limits: {} });
    expect(recorder.requests[1]).toEqual({
      projectId: ID,
      state: "STATE_SUSPENDED",
      settings: {},
      limits: { messagesPerDay: "10" },
      updateMask: "state,limits.messagesPerDay,limits.streams,settings",
    });
  });

  it.each([
    [
      "settings.ranking.recipes",
      () => mneme.tenant.update({ settings: { ranking: { recipes: 1 } as object } }),
    ],
    ["settings.ranking", () => mneme.tenant.update({ settings: { ranking: "off" as unknown as object } })],
    ["limits", () => mneme.tenant.update({ limits: { memories: 1 } } as object)],
    [
      "settings.ranking.recency",
      () => mneme.tenant.update({ settings: { ranking: { recency: "x" as "off" } } }),
    ],
    ["update_mask", () => mneme.projects.update(ID, {})],
    ["limits.memories", () => mneme.operator.updateTenant(ID, { limits: { memories: 1.5 } })],
    ["limits.burst", () => mneme.operator.updateTenant(ID, { limits: { burst: 1.5 } })],
    ["roles[1]", () => mneme.apiKeys.create("x", { roles: ["reader", "owner" as "admin"] })],
    ["grantee", () => mneme.grants.create("sales", { userId: "ada", appId: "crm" })],
    ["expire_time", () => mneme.grants.create("sales", { userId: "ada" }, { expireTime: new Date("soon") })],
  ])("are refused before they are sent: %s", async (field, call) => {
    await expect(call()).rejects.toMatchObject({ kind: "invalid_argument", fields: [{ field }] });
    expect(recorder.calls).toEqual([]);
  });
});

describe("keys", () => {
  it("are made with their secret, listed without, rotated and revoked", async () => {
    recorder.answers.CreateApiKey = { apiKey: WIRE_KEY, secret: "mneme_abcdef1" };
    const made = await mneme.apiKeys.create("reader", { roles: ["reader"], projectId: ID, expireTime: DATE });
    expect(made).toMatchObject({ apiKey: KEY, secret: "mneme_abcdef1" });
    recorder.answers.ListApiKeys = { apiKeys: [{ ...WIRE_KEY, projectId: ID, lastUseTime: TIME }] };
    const listed = await mneme.apiKeys.list({ showEnded: true, pageSize: 10 }).toArray();
    expect(listed).toMatchObject([{ ...KEY, projectId: ID, lastUseTime: DATE, expireTime: undefined }]);
    // What a repeated call recorder.answers.
    recorder.answers.RotateApiKey = {
      apiKey: WIRE_KEY,
      replaced: { ...WIRE_KEY, replacedBy: ID, expireTime: TIME },
    };
    expect(await mneme.apiKeys.rotate(ID, { overlapSeconds: 0 })).toMatchObject({
      secret: undefined,
      replaced: { replacedBy: ID, expireTime: DATE },
    });
    await mneme.apiKeys.rotate();
    recorder.answers.RevokeApiKey = { apiKey: { ...WIRE_KEY, revokeTime: TIME } };
    expect(await mneme.apiKeys.revoke(ID)).toMatchObject({ revokeTime: DATE });
    expect(recorder.requests).toEqual([
      { name: "reader", projectId: ID, roles: ["ROLE_READER"], limits: {}, expireTime: TIME },
      { showEnded: true, pageSize: 10 },
      { apiKeyId: ID, overlapSeconds: 0 },
      {},
      { apiKeyId: ID },
    ]);
  });

  it("of the tenant are used for the project that the client names", async () => {
    recorder.answers.GetTenant = { tenant: { tenantId: ID } };
    await mneme.tenant.get();
    const transport = createRouterTransport(recorder.routes);
    await new Mneme({ apiKey: "mneme_key", transport, project: ID }).tenant.get();
    expect(recorder.calls.map(({ headers }) => headers.get("mneme-project"))).toEqual([null, ID]);
    expect(() => new Mneme({ transport, project: "" })).toThrow("project: must be a project's id");
    expect(() => new Mneme({ transport, project: "Billing" })).toThrow("'mneme admin project list'");
  });

  it("that encrypt are shown, rotated, brought and returned", async () => {
    const transit = { url: "https://vault.example.com", key: "mneme" };
    const key = {
      version: 2,
      provider: "KEY_PROVIDER_TENANT",
      transit: { ...transit, mount: "transit" },
      state: "KEY_STATE_ROTATING",
      keysToRewrap: "12",
    };
    recorder.answers = Object.fromEntries(
      ["Get", "Rotate", "Bring", "Return"].map((verb) => [`${verb}TenantKey`, { key }]),
    );
    const shown = { version: 2, provider: "tenant", state: "rotating", keysToRewrap: 12 };
    expect(await mneme.encryption.get()).toMatchObject({
      ...shown,
      transit: { ...transit, mount: "transit" },
    });
    expect(await mneme.encryption.bring(transit, "s.token")).toMatchObject(shown);
    await mneme.encryption.rotate();
    await mneme.encryption.return();
    expect(recorder.calls.map(({ method }) => method)).toEqual([
      "GetTenantKey",
      "BringTenantKey",
      "RotateTenantKey",
      "ReturnTenantKey",
    ]);
    expect(recorder.requests[1]).toEqual({ transit, token: "s.token" });
  });
});

it("makes teams and lets people reach them", async () => {
  recorder.answers.CreateTeam = { team: { teamId: "sales", name: "Sales" } };
  expect(await mneme.teams.create("sales", { name: "Sales" })).toMatchObject({ id: "sales", name: "Sales" });
  recorder.answers.UpdateTeam = { team: { teamId: "sales", name: "Field sales" } };
  expect(await mneme.teams.rename("sales", "Field sales", { etag: "e1" })).toMatchObject({
    name: "Field sales",
  });
  const grant = {
    grantId: ID,
    teamId: "sales",
    grantee: { userId: "ada" },
    access: "ACCESS_WRITE",
    expireTime: TIME,
  };
  recorder.answers.CreateGrant = { grant };
  const shown = { id: ID, grantee: { userId: "ada" }, access: "write", expireTime: DATE };
  const until = { access: "write", expireTime: DATE } as const;
  expect(await mneme.grants.create("sales", { userId: "ada" }, until)).toMatchObject(shown);
  recorder.answers.ListGrants = { grants: [grant] };
  expect(await mneme.grants.list({ teamId: "sales" }).toArray()).toMatchObject([shown]);
  await mneme.grants.delete(ID);
  await mneme.teams.delete("sales");
  expect(recorder.requests).toEqual([
    { teamId: "sales", name: "Sales" },
    { teamId: "sales", name: "Field sales", updateMask: "name", etag: "e1" },
    { teamId: "sales", grantee: { userId: "ada" }, access: "ACCESS_WRITE", expireTime: TIME },
    { teamId: "sales" },
    { grantId: ID },
    { teamId: "sales" },
  ]);
});

it("operates tenants", async () => {
  const { operator } = mneme;
  const tenant = { tenantId: ID, name: "acme", state: "STATE_SUSPENDED" };
  recorder.answers.CreateTenant = { tenant, apiKey: WIRE_KEY, secret: "mneme_abcdef1" };
  recorder.answers.UpdateTenant = { tenant };
  recorder.answers.ListTenants = { tenants: [tenant] };
  recorder.answers.MoveTenant = { placement: { tenantId: ID, pool: "shared", movingTo: "own" } };
  recorder.answers.GetPlacement = { placement: { tenantId: ID, pool: "own", updateTime: TIME } };
  recorder.answers.RotateSigningKey = { keyId: "k2" };
  expect(await operator.createTenant("acme", { limits: { requestsPerSecond: 0.5 } })).toMatchObject({
    tenant: { id: ID, name: "acme" },
    apiKey: KEY,
    secret: "mneme_abcdef1",
  });
  expect(await operator.suspendTenant(ID)).toMatchObject({ state: "suspended" });
  await operator.resumeTenant(ID);
  expect(await operator.listTenants().toArray()).toHaveLength(1);
  const usage = { periodStart: "2026-03-01", model: "small", purpose: "MODEL_PURPOSE_EXTRACT", calls: "2" };
  recorder.answers.ListTenantUsage = {
    tenants: [{ tenantId: ID, tenantName: "acme", tokens: "7", usage: [usage] }],
  };
  expect(await operator.listTenantUsage({ month: "2026-03" }).toArray()).toMatchObject([
    { tenantId: ID, tenantName: "acme", microdollars: 0, tokens: 7, usage: [{ model: "small", calls: 2 }] },
  ]);
  expect(await operator.moveTenant(ID, { ownIndex: true })).toMatchObject({
    pool: "shared",
    movingTo: "own",
  });
  await operator.moveTenant(ID, { pool: "east" });
  expect(await operator.placement(ID)).toMatchObject({ movingTo: undefined, updateTime: DATE });
  expect(await operator.rotateSigningKey()).toBe("k2");
  expect(recorder.requests).toEqual([
    { name: "acme", limits: { requestsPerSecond: 0.5 } },
    { tenantId: ID, state: "STATE_SUSPENDED", limits: {}, updateMask: "state" },
    { tenantId: ID, state: "STATE_ACTIVE", limits: {}, updateMask: "state" },
    {},
    { month: "2026-03" },
    { tenantId: ID, ownIndex: true },
    { tenantId: ID, pool: "east" },
    { tenantId: ID },
    {},
  ]);
});

it("sends every write with a request id of its own", async () => {
  recorder.answers.CreateTeam = { team: { teamId: "sales" } };
  await mneme.teams.create("sales");
  await mneme.teams.create("sales", { requestId: "mine" });
  const ids = recorder.calls.map(({ request }) => request.requestId);
  expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), "mine"]);
});

describe("usage", () => {
  it("is listed as asked, and read as numbers", async () => {
    recorder.answers.ListUsage = {
      usage: [
        {
          periodStart: "2026-03-01",
          projectId: ID,
          model: "small",
          purpose: "MODEL_PURPOSE_EXTRACT",
          calls: "3",
          inputTokens: "90",
          microdollars: "105",
        },
      ],
    };
    const [first] = await mneme.usage.list({ from: "2026-03-01", by: "day", projectId: ID }).toArray(10);
    expect(first).toEqual({
      periodStart: "2026-03-01",
      projectId: ID,
      model: "small",
      purpose: "extract",
      calls: 3,
      inputTokens: 90,
      cachedInputTokens: 0,
      outputTokens: 0,
      microdollars: 105,
      unpricedTokens: 0,
    });
    expect(recorder.requests).toEqual([{ fromDay: "2026-03-01", period: "USAGE_PERIOD_DAY", projectId: ID }]);
  });

  it("of a budget is read, and a budget is set", async () => {
    recorder.answers.GetBudget = {
      project: { state: "BUDGET_STATE_NEARLY_SPENT", monthlyTokens: "100", spentTokens: "80" },
      waiting: "2",
    };
    const { project, tenant, waiting } = await mneme.usage.budget();
    expect(project).toMatchObject({ state: "nearly_spent", monthlyTokens: 100, spentTokens: 80 });
    expect({ tenant, waiting, money: project.monthlyMicrodollars }).toEqual({ waiting: 2 });
    recorder.answers.UpdateTenant = { tenant: { settings: { budget: { whenSpent: "WHEN_SPENT_REFUSE" } } } };
    const budget = { monthlyMicrodollars: 5_000_000, monthlyTokens: null, whenSpent: "refuse" } as const;
    const { settings } = await mneme.tenant.update({ settings: { budget } });
    expect(settings).toEqual({ budget: { whenSpent: "refuse" } });
    expect(recorder.requests.at(-1)).toMatchObject({
      settings: { budget: { monthlyMicrodollars: "5000000", whenSpent: "WHEN_SPENT_REFUSE" } },
      updateMask:
        "settings.budget.monthlyMicrodollars,settings.budget.monthlyTokens,settings.budget.whenSpent",
    });
  });
});
