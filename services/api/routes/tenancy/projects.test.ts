import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { SensitiveKind } from "@mneme/proto/mneme/extraction/v1/sensitive_kind_pb.js";
import { MemoryKind } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import { Recency, Recipe } from "@mneme/proto/mneme/search/v1/search_pb.js";
import { ExtractorChoice, WhenFull, WhenStale } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { State } from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Administration, openAdministration, type Provisioned } from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

let server: Administration;
let tenant: Provisioned;

beforeAll(async () => {
  server = await openAdministration("projects");
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  tenant = await server.record.provision("acme");
});

const tenancy = (secret = tenant.apiKey, projectId?: string) => server.as(TenancyService, secret, projectId);
const mask = (...paths: string[]) => ({ paths });

/** A key of one project with the role admin. */
async function projectKey(projectId: string): Promise<string> {
  const keys = server.as(ApiKeyService, tenant.apiKey);
  return (await keys.createApiKey({ name: "of a project", projectId, roles: [Role.ADMIN] })).secret;
}

describe("the tenant", () => {
  test("is read and changed by its own key, under an etag", async () => {
    const { tenant: read } = await tenancy().getTenant({});
    expect(read).toMatchObject({
      tenantId: tenant.tenantId,
      name: "acme",
      state: State.ACTIVE,
      defaultProjectId: tenant.projectId,
    });
    const change = { name: "Acme", settings: { graphEnabled: false }, updateMask: mask("name", "settings") };
    const { tenant: changed } = await tenancy().updateTenant({ ...change, etag: read?.etag ?? "" });
    expect(changed).toMatchObject({ name: "Acme", settings: { graphEnabled: false } });
    const late = tenancy().updateTenant({ ...change, etag: read?.etag ?? "" });
    expect(await failureOfCall(late)).toMatchObject({ code: "Aborted", reason: "ETAG_MISMATCH" });
  });

  test("has a mask that leads into settings: what it does not name stays", async () => {
    const ranking = { recipe: Recipe.RRF, rrfK: 20 };
    const retention = { memoryDays: 30 };
    await tenancy().updateTenant({ settings: { ranking, retention }, updateMask: mask("settings") });
    const { tenant: changed } = await tenancy().updateTenant({
      settings: { ranking: { recency: Recency.LINEAR } },
      updateMask: mask("settings.ranking.recency", "settings.ranking.rrf_k", "settings.retention"),
    });
    expect(changed?.settings?.ranking).toMatchObject({
      recipe: Recipe.RRF,
      recency: Recency.LINEAR,
      rrfK: 0,
    });
    expect(changed?.settings?.retention).toBeUndefined();
  });

  test("names only models that the deployment allows, as its projects do", async () => {
    const models = (extractorModel: string) => ({ settings: { models: { extractorModel } } });
    const updateMask = mask("settings.models");
    const { tenant: changed } = await tenancy().updateTenant({ ...models("large"), updateMask });
    expect(changed?.settings?.models).toMatchObject({ extractorModel: "large" });
    const refused = { code: "InvalidArgument", fields: ["settings.models.extractor_model"] };
    for (const call of [
      () => tenancy().updateTenant({ ...models("huge"), updateMask }),
      () => tenancy().updateProject({ ...models("huge"), updateMask }),
      () => tenancy().createProject({ name: "huge", ...models("huge") }),
    ])
      expect(await failureOfCall(call())).toMatchObject(refused);
    const reconcile = (reconcileModel: string) => ({ settings: { models: { reconcileModel } } });
    const strong = await tenancy().updateTenant({ ...reconcile("strong"), updateMask });
    expect(strong.tenant?.settings?.models).toMatchObject({ reconcileModel: "strong" });
    expect(await failureOfCall(tenancy().updateTenant({ ...reconcile("large"), updateMask }))).toMatchObject({
      code: "InvalidArgument",
      fields: ["settings.models.reconcile_model"],
    });
  });

  test("includes no category into which the rules that read would sort nothing", async () => {
    const include = (...includeCategories: string[]) => ({ extraction: { includeCategories } });
    const embedded = { models: { extractor: ExtractorChoice.EMBEDDED } };
    const updateMask = mask("settings");
    const refused = { code: "InvalidArgument", fields: ["settings.extraction.include_categories"] };
    const billing = { settings: { ...include("billing"), ...embedded } };
    for (const call of [
      () => tenancy().updateTenant({ ...billing, updateMask }),
      () => tenancy().updateProject({ ...billing, updateMask }),
      () => tenancy().createProject({ name: "billing", ...billing }),
    ])
      expect(await failureOfCall(call())).toMatchObject(refused);
    const known = { settings: { ...include("Work", "travel", "other"), ...embedded }, updateMask };
    const { project } = await tenancy().updateProject(known);
    expect(project?.settings?.extraction?.includeCategories).toEqual(["Work", "travel", "other"]);
    const read = { ...include("billing"), models: { extractor: ExtractorChoice.MODEL } };
    expect((await tenancy().updateProject({ settings: read, updateMask })).project?.settings).toMatchObject(
      read,
    );
  });

  test("names only an embedder that the deployment offers, and a language that there is", async () => {
    const update = (settings: object) => tenancy().updateProject({ settings, updateMask: mask("settings") });
    const { project } = await update({ models: { embedder: "e5" }, language: "de" });
    expect(project?.settings).toMatchObject({ models: { embedder: "e5" }, language: "de" });
    for (const [settings, field] of [
      [{ models: { embedder: "bge" } }, "settings.models.embedder"],
      [{ models: { embedder: "E5 large" } }, "settings.models.embedder"],
      [{ language: "gr" }, "settings.language"],
      [{ language: "de-AT" }, "settings.language"],
    ] as const)
      expect(await failureOfCall(update(settings))).toMatchObject({
        code: "InvalidArgument",
        fields: [field],
      });
    await update({});
  });

  test.each([
    ["nothing", []],
    ["what is not there", ["settings.rankings"]],
    ["what the operator sets", ["limits"]],
    ["the inside of a value", ["settings.ranking.weights.semantic"]],
  ])("refuses a mask that names %s", async (_, paths) => {
    const error = await failureOfCall(tenancy().updateTenant({ updateMask: { paths } }));
    expect(error).toMatchObject({
      code: "InvalidArgument",
      reason: "FIELD_INVALID",
      fields: ["update_mask"],
    });
  });
});

const meals = (category: string) => ({ category, keep: 3 });

describe("a project", () => {
  test("has its settings over the tenant's over the product's", async () => {
    await tenancy().updateTenant({
      settings: {
        retention: { messageDays: 7, memoryDays: 30 },
        extraction: { instructions: "of the tenant" },
      },
      updateMask: mask("settings"),
    });
    const settings = { retention: { messageDays: 0 }, ranking: { recipe: Recipe.WEIGHTED } };
    const { project } = await tenancy().createProject({
      name: "one",
      settings,
      limits: { burst: 5, memories: 9n },
    });
    expect(project).toMatchObject({ name: "one", state: State.ACTIVE, limits: { burst: 5, memories: 9n } });
    const read = await tenancy().getProject({ projectId: project?.projectId ?? "" });
    expect(read.project).toEqual(project);
    expect(read.effectiveSettings).toMatchObject({
      extraction: { instructions: "of the tenant" },
      retention: { messageDays: 0, memoryDays: 30 },
      ranking: { recipe: Recipe.WEIGHTED, recency: Recency.OFF },
      graphEnabled: true,
    });
  });

  test("keeps every rule of what is kept out, weighed, bounded and reviewed as it is set", async () => {
    const settings = {
      extraction: { excludeSensitive: [SensitiveKind.PAYMENT, SensitiveKind.HEALTH] },
      ranking: { origins: { inferred: 0.5, tool: 1.25 } },
      retention: {
        memoriesPerScope: 500,
        mostRecent: [{ category: "meals", keep: 10 }],
        whenFull: WhenFull.REMOVE,
      },
      review: {
        rules: [
          { kind: MemoryKind.EPISODIC, category: "plans", days: 1, whenStale: WhenStale.ARCHIVE },
          { days: 90, whenStale: WhenStale.DOWNGRADE, factor: 0.7, floor: 0.1, atFloor: WhenStale.REMOVE },
        ],
      },
    };
    const { project } = await tenancy().createProject({ name: "worth", settings });
    const read = await tenancy().getProject({ projectId: project?.projectId ?? "" });
    expect(read.project?.settings).toMatchObject(settings);
  });

  test.each([
    ["settings.retention.most_recent", { retention: { mostRecent: ["Meals", "meals"].map(meals) } }],
    ["settings.retention.memories_per_scope", { retention: { memoriesPerScope: 0 } }],
    ["settings.review.rules[0].days", { review: { rules: [{ days: 0 }] } }],
    ["settings.review.rules[0].factor", { review: { rules: [{ days: 1, factor: 1 }] } }],
    ["settings.review.rules[0].at_floor", { review: { rules: [{ days: 1, atFloor: WhenStale.DOWNGRADE }] } }],
    ["settings.extraction.exclude_sensitive", { extraction: { excludeSensitive: [1, 1] } }],
  ])("refuses %s where it makes no sense", async (field, settings) => {
    const error = await failureOfCall(tenancy().createProject({ name: "refused", settings }));
    expect(error).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID", fields: [field] });
  });

  test("is made once for a request id, and keeps its name to itself", async () => {
    const request = { name: "one", requestId: "make one" };
    const first = await tenancy().createProject(request);
    expect(await tenancy().createProject(request)).toEqual(first);
    const other = await failureOfCall(tenancy().createProject({ ...request, name: "two" }));
    expect(other).toMatchObject({ code: "InvalidArgument", reason: "REQUEST_ID_REUSED" });
    const taken = { code: "AlreadyExists", reason: "ALREADY_EXISTS", fields: ["name"] };
    expect(await failureOfCall(tenancy().createProject({ name: "one" }))).toMatchObject(taken);
    const rename = { projectId: first.project?.projectId ?? "", name: "default", updateMask: mask("name") };
    expect(await failureOfCall(tenancy().updateProject(rename))).toMatchObject(taken);
  });

  test("is archived and comes back, but for the default one", async () => {
    const { project } = await tenancy().createProject({ name: "old" });
    const projectId = project?.projectId ?? "";
    const key = await projectKey(projectId);
    const archive = { projectId, state: State.SUSPENDED, updateMask: mask("state") };
    expect((await tenancy().updateProject(archive)).project?.state).toBe(State.SUSPENDED);
    await expect
      .poll(() => failureOfCall(tenancy(key).getProject({})))
      .toMatchObject({ code: "PermissionDenied", reason: "SUSPENDED" });
    await tenancy().updateProject({ ...archive, state: State.ACTIVE });
    await expect.poll(async () => (await tenancy(key).getProject({})).project?.projectId).toBe(projectId);
    const kept = await failureOfCall(tenancy().updateProject({ ...archive, projectId: tenant.projectId }));
    expect(kept).toMatchObject({ code: "FailedPrecondition", reason: "STATE_CONFLICT" });
  });

  test("comes in pages, newest first, with tokens of this list alone", async () => {
    for (const name of ["one", "two"]) await tenancy().createProject({ name });
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await tenancy().listProjects({ pageSize: 1, pageToken });
      seen.push(...page.projects.map(({ name }) => name));
      pageToken = page.nextPageToken;
      const elsewhere = pageToken && (await failureOfCall(tenancy().listTeams({ pageToken })));
      if (elsewhere) expect(elsewhere).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
    } while (pageToken !== "");
    expect(seen).toEqual(["two", "one", "default"]);
  });

  test("is nobody else's: another tenant's id is as one that does not exist", async () => {
    const other = await server.record.provision("other");
    const nobodys = "01890000-0000-7000-8000-000000000001";
    for (const projectId of [other.projectId, nobodys]) {
      const expected = { code: "NotFound", reason: "PROJECT_NOT_FOUND" };
      expect(await failureOfCall(tenancy().getProject({ projectId }))).toMatchObject(expected);
      const update = { projectId, name: "mine", updateMask: mask("name") };
      expect(await failureOfCall(tenancy().updateProject(update))).toMatchObject(expected);
      expect(await failureOfCall(tenancy(tenant.apiKey, projectId).getProject({}))).toMatchObject(expected);
    }
  });
});

describe("a project's own key", () => {
  test("administers that project alone", async () => {
    const { project } = await tenancy().createProject({ name: "one" });
    const own = tenancy(await projectKey(project?.projectId ?? ""));
    expect((await own.getProject({})).project?.name).toBe("one");
    expect((await own.listProjects({})).projects.map(({ name }) => name)).toEqual(["one"]);
    const renamed = await own.updateProject({ name: "uno", updateMask: mask("name") });
    expect(renamed.project?.name).toBe("uno");
    expect(await failureOfCall(own.getProject({ projectId: tenant.projectId }))).toMatchObject({
      code: "NotFound",
      reason: "PROJECT_NOT_FOUND",
    });
    const denied = { code: "PermissionDenied", reason: "PERMISSION_MISSING" };
    const calls = [
      () => own.getTenant({}),
      () => own.updateTenant({ name: "mine", updateMask: mask("name") }),
      () => own.createProject({ name: "two" }),
      () => own.updateProject({ limits: { burst: 1 }, updateMask: mask("limits") }),
      () => own.createTeam({ teamId: "mine" }),
      () => own.listTeams({}),
      () => own.listGrants({}),
    ];
    for (const call of calls) expect(await failureOfCall(call())).toMatchObject(denied);
  });
});
