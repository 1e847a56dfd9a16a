import { describe, expect, it } from "vitest";
import type { Settings } from "../tenancy/settings.ts";
import { wideScope } from "../tenancy/wide-scope.ts";
import { resolveScope } from "./resolve-scope.ts";
import type { ResolvedScope } from "./search-store.ts";

const TENANCY = { tenantId: "tenant", projectId: "here" };
const FOUND: ResolvedScope = {
  ids: {
    subject: { id: "ada", epoch: 1 },
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    sessionId: undefined,
  },
  participants: [],
  teams: [wideScope("here"), wideScope("tenant")],
  hasFeedback: false,
  defaultProjectId: "home",
};
const scope = { userId: "ada" };

/** @param there what the default project sets. */
function resolve(here: Settings, there: Settings, layers: Parameters<typeof resolveScope>[2]["layers"]) {
  const asked: (boolean | undefined)[] = [];
  const search = {
    resolve: async (_: unknown, __: unknown, ___: unknown, options?: { readonly isLenient?: boolean }) => {
      asked.push(options?.isLenient);
      return FOUND;
    },
  };
  const settings = { of: async () => there };
  const resolved = resolveScope({ search, settings }, TENANCY, { scope, layers }, here);
  return { asked, resolved };
}

describe("a scope that is searched with the tenant's layer", () => {
  it("is read in the languages of both projects", async () => {
    const { asked, resolved } = resolve({ language: "de" }, { language: "es" }, ["tenant"]);
    const found = await resolved;
    expect(asked).toEqual([true]);
    expect(found?.ids.places?.map(({ layer, projectId }) => [layer, projectId])).toEqual([
      ["user", "here"],
      ["project", "here"],
      ["tenant", "home"],
    ]);
    expect([found?.otherLanguages, found?.degraded]).toEqual([["es"], []]);
  });

  it("is searched without it, and that is said, where the default project has another embedder", async () => {
    const { resolved } = resolve({}, { models: { embedder: "wider" } }, ["project", "tenant"]);
    const found = await resolved;
    expect(found?.ids.places?.map(({ layer }) => layer)).toEqual(["user", "project"]);
    expect(found?.degraded).toEqual([
      { part: "embedder", effect: expect.stringContaining("without what is shared with the tenant") },
    ]);
  });
});

it("is the scope alone without layers, and nothing where somebody is not known", async () => {
  const { asked, resolved } = resolve({}, {}, []);
  expect((await resolved)?.ids).toBe(FOUND.ids);
  expect(asked).toEqual([undefined]);
});
