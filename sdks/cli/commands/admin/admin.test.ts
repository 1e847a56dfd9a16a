import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { UserTokenService } from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";
import { TenantKeyService } from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { Recorder } from "@mneme/sdk/test/recorder.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "../../test/shell.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const OTHER = "0197a0a0-0000-7000-8000-000000000001";
const TIME = "2026-12-31T00:00:00Z";
const SERVICES = [TenancyService, ApiKeyService, OperatorService, UserTokenService, TenantKeyService];
const KEY = { apiKeyId: ID, name: "dashboard", prefix: "mneme_abcdef", roles: ["ROLE_READER"] };
const TENANT = { tenantId: OTHER, name: "acme", state: "STATE_ACTIVE", etag: "e1" };
const MADE = { apiKey: KEY, secret: "mneme_abcdef1" };
const PROJECT = { projectId: OTHER, name: "support", state: "STATE_ACTIVE" };

let shell: Shell;
let recorder: Recorder;
const admin = (...args: string[]) => shell.run(["admin", ...args], { env: env() });
const env = () => ({ MNEME_URL: shell.url, MNEME_API_KEY: "tenants", MNEME_OPERATOR_KEY: "operators" });
const last = () => recorder.calls.at(-1);

beforeEach(async () => {
  recorder = new Recorder(SERVICES);
  shell = await Shell.open(recorder.routes);
});
afterEach(() => shell[Symbol.asyncDispose]());

describe("secrets", () => {
  it.each([
    [["key", "create", "dashboard", "--role", "reader"], "CreateApiKey", MADE],
    [["tenant", "create", "acme"], "CreateTenant", { ...MADE, tenant: TENANT }],
    [["tenant", "admin-key", OTHER], "CreateTenantAdminKey", MADE],
  ])("are the one line of standard output of %j, and not shown again", async (args, method, answer) => {
    recorder.answers[method] = answer;
    const ran = await admin(...args);
    expect(ran).toMatchObject({ code: 0, out: "mneme_abcdef1\n" });
    expect(ran.err).toContain("begins with  mneme_abcdef\n");
    expect(ran.err).toMatch(/\n\nKeep the secret now: it is not shown again\.\n$/);
    const { json, err } = await admin(...args, "--json");
    expect(json).toMatchObject({ secret: "mneme_abcdef1", apiKey: { id: ID, roles: ["reader"] } });
    expect(err).toBe("");
  });

  it("that went with an earlier answer are told of", async () => {
    recorder.answers.RotateApiKey = { apiKey: KEY, replaced: { ...KEY, expireTime: TIME } };
    const ran = await admin("key", "rotate", ID, "--overlap", "0.5", "--request-id", "r1");
    expect(ran).toMatchObject({ code: 0, out: "" });
    expect(ran.err).toContain(`went with an earlier answer. If that was lost: mneme admin key rotate ${ID}`);
    expect(last()?.request).toEqual({ apiKeyId: ID, overlapSeconds: 1800, requestId: "r1" });
  });

  it("of the operator are made with the bootstrap credential alone", async () => {
    recorder.answers.CreateApiKey = MADE;
    const file = await shell.file("bootstrap.key", "the-credential\n");
    expect(await admin("bootstrap", file)).toMatchObject({ code: 0, out: "mneme_abcdef1\n" });
    expect(last()?.headers.get("authorization")).toBe("Bearer the-credential");
    expect(recorder.requests).toEqual([{ name: "operator", roles: ["ROLE_OPERATOR"], limits: {} }]);
    const empty = await admin("bootstrap", await shell.file("empty.key", "\n"));
    expect(empty).toMatchObject({ code: 2, err: expect.stringContaining("must hold the bootstrap") });
  });
});

describe("the key", () => {
  const sent = () => last()?.headers.get("authorization");

  it("is the operator's where tenants are operated, and the tenant's elsewhere", async () => {
    recorder.answers = { GetTenant: { tenant: TENANT }, ListTenants: { tenants: [TENANT] } };
    expect((await admin("tenant", "list")).out).toContain("1 tenant\n");
    expect(sent()).toBe("Bearer operators");
    await admin("tenant", "get", OTHER);
    expect(sent()).toBe("Bearer operators");
    const used = {
      tenantId: OTHER,
      tenantName: "acme",
      microdollars: "2500000",
      tokens: "7",
      unpricedTokens: "3",
    };
    recorder.answers.ListTenantUsage = { tenants: [used] };
    expect((await admin("tenant", "usage", "--month", "2026-03")).out).toMatch(/acme +│ +7 │ +2\.50 \+ \?/);
    expect(sent()).toBe("Bearer operators");
    expect((await admin("tenant", "get")).out).toMatch(/^tenant +acme\nid +/);
    expect(sent()).toBe("Bearer tenants");
  });

  it("of the operator is found in a started stack's file, and not sent elsewhere", async () => {
    const list = ["admin", "tenant", "list"];
    await mkdir(join(shell.cwd, ".mneme"));
    const run = { url: shell.url, key: "tenants", operatorApiKey: "operators" };
    await writeFile(join(shell.cwd, ".mneme", "run.json"), JSON.stringify(run));
    expect(await shell.run(list, { env: {} })).toMatchObject({ code: 0, err: "" });
    expect(sent()).toBe("Bearer operators");
    const elsewhere = await shell.run([...list, "--url", "http://127.0.0.1:9"], {
      env: { MNEME_API_KEY: "x" },
    });
    expect(elsewhere.code).toBe(4);
    expect(elsewhere.err).toMatch(/needs the operator's key: set MNEME_OPERATOR_KEY, or pass --key-file/);
  });

  it("of a tenant is used for the project that is named", async () => {
    recorder.answers = { CreateApiKey: MADE, ListTenants: {} };
    await admin("key", "create", "dashboard", "--role", "reader", "--project", OTHER);
    expect(last()?.request).toMatchObject({ projectId: OTHER });
    expect(last()?.headers.get("mneme-project")).toBe(OTHER);
    const named = { ...env(), MNEME_PROJECT: OTHER };
    await shell.run(["admin", "key", "create", "all", "--role", "reader"], { env: named });
    expect(last()?.request).not.toHaveProperty("projectId");
    expect(last()?.headers.get("mneme-project")).toBe(OTHER);
    await shell.run(["admin", "tenant", "list"], { env: named });
    expect(last()?.headers.get("mneme-project")).toBeNull();
  });
});

describe("settings", () => {
  beforeEach(() => {
    const settings = { ranking: { recency: "RECENCY_LINEAR" }, retention: { messageDays: 30 } };
    recorder.answers = {
      GetTenant: { tenant: { ...TENANT, settings } },
      UpdateTenant: { tenant: { ...TENANT, settings } },
      UpdateProject: { project: PROJECT },
      GetProject: {
        project: { ...PROJECT, settings: { retention: settings.retention } },
        effectiveSettings: { ...settings, graphEnabled: true },
      },
    };
  });

  it("show what is set, and by whom", async () => {
    expect((await admin("settings", "get")).out).toMatch(
      /^ranking\.recency +linear\nretention\.message_days +30\n$/,
    );
    expect((await admin("settings", "get", "--project", OTHER)).out).toMatch(
      /^ranking\.recency +linear {2}\(of tenant or product\)\nretention\.message_days +30\ngraph_enabled +true {2}\(of/,
    );
  });

  it.each([
    [["ranking.recency", "off"], { ranking: { recency: "RECENCY_OFF" } }],
    [["ranking.maxDays", "90"], { ranking: { maxDays: 90 } }],
    [
      ["ranking.weights", "semantic=.5", "keyword=.5", "entity=0"],
      { ranking: { weights: { semantic: 0.5, keyword: 0.5 } } },
    ],
    [["ranking.origins", "inferred=.8", "tool=1.2"], { ranking: { origins: { inferred: 0.8, tool: 1.2 } } }],
    [["ranking.rerank", "off"], { ranking: { rerank: false } }],
    [["ranking.rerank_candidates", "20"], { ranking: { rerankCandidates: 20 } }],
    [["retention.message_days", "0"], { retention: { messageDays: 0 } }],
    [["extraction.instructions", "Only", "orders."], { extraction: { instructions: "Only orders." } }],
    [
      ["extraction.categories", "diet=What they eat", "work"],
      { extraction: { categories: [{ name: "diet", description: "What they eat" }, { name: "work" }] } },
    ],
    [["extraction.exclude_categories", "health"], { extraction: { excludeCategories: ["health"] } }],
    [
      ["extraction.exclude_sensitive", "health", "government_id"],
      { extraction: { excludeSensitive: ["SENSITIVE_KIND_HEALTH", "SENSITIVE_KIND_GOVERNMENT_ID"] } },
    ],
    [
      ["review.rules", "episodic/plans=1,archive", "/health=180,downgrade,remove", "semantic=365"],
      {
        review: {
          rules: [
            { kind: "MEMORY_KIND_EPISODIC", category: "plans", days: 1, whenStale: "WHEN_STALE_ARCHIVE" },
            {
              category: "health",
              days: 180,
              whenStale: "WHEN_STALE_DOWNGRADE",
              atFloor: "WHEN_STALE_REMOVE",
            },
            { kind: "MEMORY_KIND_SEMANTIC", days: 365 },
          ],
        },
      },
    ],
    [["retention.memories_per_scope", "500"], { retention: { memoriesPerScope: 500 } }],
    [
      ["retention.most_recent", "meals=10", "travel=50"],
      {
        retention: {
          mostRecent: [
            { category: "meals", keep: 10 },
            { category: "travel", keep: 50 },
          ],
        },
      },
    ],
    [["retention.when_full", "remove"], { retention: { whenFull: "WHEN_FULL_REMOVE" } }],
    [["ageing.archive_below", ".2"], { ageing: { archiveBelow: 0.2 } }],
    [["ageing.episodic_half_life_days", "30"], { ageing: { episodicHalfLifeDays: 30 } }],
    [["graph_enabled", "off"], { graphEnabled: false }],
  ])("are set one by one: %j", async ([path = "", ...values], settings) => {
    expect(await admin("settings", "set", path, ...values)).toMatchObject({ code: 0, err: "" });
    const updateMask = `settings.${path.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}`;
    expect(recorder.requests).toEqual([{ settings, updateMask }]);
  });

  it("are set from a file, and cleared", async () => {
    const file = await shell.file("s.json", '{"ranking": {"max_days": 9, "recipe": null}, "models": null}');
    await admin("settings", "set", "--project", OTHER, "-f", file, "--etag", "e1");
    await admin("settings", "clear", "ranking.recency", "ranking.rrf_k", "retention");
    expect(recorder.requests).toEqual([
      {
        projectId: OTHER,
        settings: { ranking: { maxDays: 9 } },
        limits: {},
        updateMask: "settings.ranking.maxDays,settings.ranking.recipe,settings.models",
        etag: "e1",
      },
      { projectId: OTHER },
      {
        settings: { ranking: {} },
        updateMask: "settings.ranking.recency,settings.ranking.rrfK,settings.retention",
      },
    ]);
  });

  it.each([
    [["ranking.recenci", "off"], "there is no setting ranking.recenci; known are extraction.instructions"],
    [["ranking.recency", "sometimes"], "settings.ranking.recency: must be one of off, exponential, linear"],
    [["ranking.recency"], "say to what: mneme admin settings set ranking.recency VALUE"],
    [["retention.memory_days", "soon"], "takes one number"],
    [["ranking.weights", "semantic=1"], "takes three shares"],
    [["ranking.origins", "guessed=1"], "takes factors by origin"],
    [["ranking.origins", "tool="], "takes factors by origin"],
    [["review.rules", "opinion=3"], "takes rules"],
    [["retention.most_recent", "meals"], "takes numbers by category"],
    [["graph_enabled", "maybe"], "is on or off"],
    [[], "say what to set: PATH VALUE, or --file FILE"],
    [["-f", "bad.json"], "the settings are not valid JSON"],
    [["-f", "unknown.json"], "settings.ranking.half_life: cannot be changed"],
  ])("are refused where they stand: %j", async (args, message) => {
    await shell.file("bad.json", "ranking: off");
    await shell.file("unknown.json", '{"ranking": {"half_life": 3}}');
    const ran = await admin("settings", "set", ...args);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(message);
    expect(recorder.calls).toEqual([]);
  });
});

it.each([
  ["tenant", "suspend", OTHER],
  ["project", "archive", OTHER],
  ["team", "delete", "sales"],
  ["key", "revoke", ID],
  ["encryption", "bring", "https://vault.example.com", "mneme", "--token-file", "-"],
])("%s %s is done only with --yes", async (...args) => {
  const tenant = { ...TENANT, state: "STATE_SUSPENDED" };
  const key = { version: 2, provider: "KEY_PROVIDER_TENANT", createTime: TIME };
  recorder.answers = {
    UpdateTenant: { tenant },
    UpdateProject: { project: PROJECT },
    RevokeApiKey: { apiKey: KEY },
    BringTenantKey: { key },
  };
  const unsure = await admin(...args);
  expect(unsure).toMatchObject({ code: 2, err: expect.stringContaining("say --yes if you mean it") });
  expect(recorder.calls).toEqual([]);
  const sure = await shell.run(["admin", ...args, "--yes"], { env: env(), stdin: "s.token\n" });
  expect(sure).toMatchObject({ code: 0, err: "" });
  expect(recorder.calls).toHaveLength(1);
});

it("grants to exactly one, and says whom", async () => {
  const grant = { grantId: ID, teamId: "sales", grantee: { userId: "ada" }, access: "ACCESS_WRITE" };
  recorder.answers = {
    CreateGrant: { grant: { ...grant, expireTime: TIME } },
    ListGrants: { grants: [grant] },
  };
  const made = await admin("grant", "create", "sales", "--user", "ada", "--write", "--until", "2026-12-31");
  expect(made.out).toMatch(/^team +sales\nreached by +user ada\nto +write\nuntil +2026-12-31\nid +/);
  expect(last()?.request).toMatchObject({
    grantee: { userId: "ada" },
    access: "ACCESS_WRITE",
    expireTime: TIME,
  });
  await admin("grant", "create", "sales", "--project", OTHER);
  expect(last()?.request).toMatchObject({ grantee: { projectId: OTHER }, access: "ACCESS_READ" });
  expect((await admin("grant", "list", "--team", "sales")).out).toContain("user ada");
  recorder.answers = { CreateGrant: { grant: { ...grant, teamId: "", ofTenant: true } } };
  const wide = await admin("grant", "create", "--of-tenant", "--project", OTHER);
  expect(wide.out).toMatch(/^shared with +the tenant\n/);
  expect(last()?.request).toMatchObject({ ofTenant: true, grantee: { projectId: OTHER } });
  await admin("grant", "create", "--of-project", OTHER, "--user", "ada");
  expect(last()?.request).toMatchObject({ ofProjectId: OTHER, grantee: { userId: "ada" } });
  expect((await admin("grant", "create", "sales", "--of-tenant", "--user", "ada")).err).toContain(
    "say whose memory",
  );
  expect((await admin("grant", "create", "sales")).err).toContain("name exactly one: --user,");
  expect((await admin("grant", "create", "sales", "--user", "ada", "--app", "crm")).code).toBe(2);
});

it("limits by options, of which none clears", async () => {
  recorder.answers = {
    UpdateTenant: { tenant: { ...TENANT, limits: { requestsPerSecond: 0.5, memories: "10" } } },
    GetTenant: { tenant: TENANT },
  };
  const set = await admin("tenant", "limits", OTHER, "--requests-per-second", "0.5", "--burst", "none");
  expect(set.out).toBe("requests per second  0.5\nmemories             10\n");
  expect(recorder.requests).toEqual([
    {
      tenantId: OTHER,
      limits: { requestsPerSecond: 0.5 },
      updateMask: "limits.requestsPerSecond,limits.burst",
    },
  ]);
  expect((await admin("tenant", "limits", OTHER)).out).toContain("No limits of its own");
  expect((await admin("tenant", "limits", OTHER, "--burst", "-1")).code).toBe(2);
});

it("moves tenants to one place", async () => {
  recorder.answers.MoveTenant = { placement: { tenantId: OTHER, pool: "shared", movingTo: "own" } };
  expect((await admin("tenant", "move", OTHER, "--own-index")).out).toMatch(
    /^read from +shared\nmoves to +own\n$/,
  );
  expect(recorder.requests).toEqual([{ tenantId: OTHER, ownIndex: true }]);
  expect((await admin("tenant", "move", OTHER)).err).toContain("--pool NAME or --own-index");
});

it("mints tokens of users", async () => {
  recorder.answers.MintUserToken = { token: "a.b.c", expireTime: TIME };
  const minted = await admin("token", "mint", "--user", "ada", "--permission", "write", "--ttl", "60");
  expect(minted).toMatchObject({ out: "a.b.c\n", err: "holds until 2026-12-31T00:00:00.000Z\n" });
  expect(recorder.requests).toEqual([
    { userId: "ada", permissions: ["USER_PERMISSION_WRITE"], ttlSeconds: 60 },
  ]);
});

it("explains every group with examples", async () => {
  const { out } = await admin("--help");
  const groups = [...out.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name]) => name ?? "");
  expect(groups.filter((name) => name !== "help").length).toBeGreaterThanOrEqual(10);
  for (const group of groups.filter((name) => name !== "help")) {
    const help = await admin(group, "--help");
    expect(help, group).toMatchObject({ code: 0, err: "" });
    expect(help.out, group).toMatch(/Examples?:\n {2}\$ /);
  }
});

describe("usage", () => {
  it("is a table that says what had no price", async () => {
    const row = {
      periodStart: "2026-03-01",
      projectId: OTHER,
      model: "small",
      purpose: "MODEL_PURPOSE_EXTRACT",
      calls: "3",
    };
    recorder.answers.ListUsage = {
      usage: [
        { ...row, microdollars: "1200000" },
        { ...row, model: "unknown", unpricedTokens: "7" },
      ],
    };
    const ran = await admin("usage", "list", "--by", "day", "--from", "2026-03-01", "--project", ID);
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/small.*extract.*1\.20/s);
    expect(ran.out).toContain(OTHER);
    expect(ran.out).toMatch(/unknown.*no price/s);
    expect(last()?.request).toMatchObject({
      fromDay: "2026-03-01",
      period: "USAGE_PERIOD_DAY",
      projectId: ID,
    });
  });

  it("of budgets says how far each is spent, and who waits", async () => {
    recorder.answers.GetBudget = {
      project: { state: "BUDGET_STATE_SPENT", monthlyMicrodollars: "1000000", spentMicrodollars: "999990" },
      tenant: { spentTokens: "12" },
      waiting: "2",
    };
    const { out } = await admin("usage", "budget");
    expect(out).toContain("spent: 0.99999 of 1.00 dollars, 0 tokens this month");
    expect(out).toContain("no budget: 0.00 dollars, 12 tokens this month");
    expect(out).toContain("2 (people and shared scopes)");
  });
});
