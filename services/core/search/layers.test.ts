import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { LAYERS, type Place, type Scope, type ScopeIds } from "../tenancy/scope.ts";
import { wideScope } from "../tenancy/wide-scope.ts";
import { isNearer, layerFactor, placesOf, SHARED_LAYERS } from "./layers.ts";
import { DEFAULT_MULTIPLIERS } from "./multipliers.ts";

const TENANCY = { tenantId: "tenant", projectId: "project" };
const PROJECT = wideScope(TENANCY.projectId);
const TENANT = wideScope(TENANCY.tenantId);
const ada = { id: "ada", epoch: 1 };
const NOBODY: ScopeIds = {
  subject: undefined,
  agentId: undefined,
  appId: undefined,
  teamId: undefined,
  sessionId: undefined,
};

function places(
  scope: Scope,
  ids: Partial<ScopeIds>,
  teams: readonly string[],
  wanted: Parameters<typeof placesOf>[3] = SHARED_LAYERS,
): Place[] {
  const found = { ids: { ...NOBODY, ...ids }, teams, defaultProjectId: "default" };
  return placesOf(TENANCY, scope, found, wanted);
}
const layersOf = (all: readonly Place[]) => all.map(({ layer }) => layer);

describe("layers", () => {
  it("lower a score by a hundredth a step, and nothing below .93", () => {
    const { layer: step } = DEFAULT_MULTIPLIERS;
    expect(LAYERS.map((layer) => layerFactor(layer, step).toFixed(2)).join(" ")).toBe(
      "1.00 0.99 0.98 0.97 0.96 0.95 0.94 0.93",
    );
    expect(isNearer("session", "user")).toBe(true);
    expect(isNearer("tenant", "project")).toBe(false);
    expect(isNearer(undefined, "project")).toBe(false);
  });
});

describe("where a search with layers looks", () => {
  const named: Scope = { userId: "ada", agentId: "guide", appId: "crm", sessionId: "monday" };
  const ids = { subject: ada, agentId: "a", appId: "p", sessionId: "s" };

  it("is the user's own, what the scope names and what is granted, the nearest first", () => {
    const all = places(named, ids, ["sales", PROJECT, TENANT]);
    expect(layersOf(all)).toEqual(LAYERS);
    expect(all.find(({ layer }) => layer === "team")).toMatchObject({
      subject: undefined,
      teamIds: ["sales"],
    });
    expect(all.find(({ layer }) => layer === "agent")).toMatchObject({ subject: null, teamIds: [null] });
    expect(all.find(({ layer }) => layer === "tenant")).toMatchObject({ projectId: "default" });
  });

  it("is all layers that the scope names where it names no user, whatever else is wanted", () => {
    const scope: Scope = { agentId: "guide", appId: "crm", teamId: "sales" };
    const all = places(scope, { agentId: "a", appId: "p", teamId: "sales" }, ["sales", PROJECT], ["project"]);
    expect(layersOf(all)).toEqual(["agent", "app", "team", "project"]);
  });

  it("is no team where the one that is named is not known, or not granted", () => {
    const all = places({ userId: "ada", teamId: "typo" }, { subject: ada }, ["sales", PROJECT]);
    expect(layersOf(all)).toEqual(["user", "project"]);
  });

  it("is of the layers that are not wanted what the user told there", () => {
    const all = places({ userId: "ada" }, { subject: ada }, ["sales", PROJECT], ["project"]);
    expect(all.map(({ layer, subject }) => [layer, subject])).toEqual([
      ["user", ada],
      ["team", ada],
      ["project", undefined],
    ]);
  });

  it("is no team, project or tenant that is not granted", () => {
    expect(layersOf(places({ userId: "ada" }, { subject: ada }, []))).toEqual(["user"]);
    expect(places({ userId: "stranger" }, {}, [])).toEqual([]);
  });

  it("is the scope's team alone where it names one", () => {
    const all = places({ userId: "ada", teamId: "x" }, { subject: ada, teamId: "sales" }, [
      "sales",
      "support",
    ]);
    expect(all.find(({ layer }) => layer === "team")?.teamIds).toEqual(["sales"]);
  });

  it("is not what the user told to other agents where the scope names one, also one that is not known", () => {
    const [user, toAgent] = places({ userId: "ada", agentId: "guide" }, { subject: ada, agentId: "a" }, []);
    expect([user?.agentIds, toAgent?.agentIds]).toEqual([[null], ["a"]]);
    expect(places({ userId: "ada", agentId: "new" }, { subject: ada }, [])).toMatchObject([
      { layer: "user", agentIds: [null] },
    ]);
  });

  it("is for a user's token nothing of agents and applications", () => {
    const found = { ids: { ...NOBODY, ...ids }, teams: ["sales"], defaultProjectId: "default" };
    const reach = { principals: [ada.id], subject: ada };
    const all = placesOf({ ...TENANCY, reach }, named, found, SHARED_LAYERS);
    expect(layersOf(all)).toEqual(["session", "user", "user_agent", "team"]);
  });

  test("holds nobody else's personal memory, and each layer once, whatever is named, granted and wanted", () => {
    const maybe = (id: string) => fc.constantFrom(undefined, id);
    const ofScope = fc.record({
      subject: fc.constantFrom(undefined, ada),
      agentId: maybe("a"),
      appId: maybe("p"),
      teamId: maybe("sales"),
      sessionId: maybe("s"),
    });
    fc.assert(
      fc.property(
        ofScope,
        fc.subarray(["sales", "support", PROJECT, TENANT]),
        fc.subarray([...SHARED_LAYERS], { minLength: 1 }),
        fc.boolean(),
        (ids, teams, wanted, isKnown) => {
          const scope: Scope = {
            ...(ids.subject && { userId: "ada" }),
            ...(ids.agentId && { agentId: "guide" }),
            ...(ids.appId && { appId: "crm" }),
            ...(ids.teamId && { teamId: "sales" }),
          };
          const known = isKnown ? ids : { ...ids, agentId: undefined, appId: undefined };
          // A team that is not granted is not found.
          const teamId = ids.teamId && teams.includes(ids.teamId) ? ids.teamId : undefined;
          const all = places(scope, { ...known, teamId }, teams, wanted);
          expect(new Set(layersOf(all)).size).toBe(all.length);
          expect(layersOf(all)).toEqual(LAYERS.filter((layer) => layersOf(all).includes(layer)));
          for (const { subject, teamIds } of all) {
            const isShared = teamIds.every((id) => id !== null && teams.includes(id));
            const isPersonal = subject === null || subject?.id === ids.subject?.id;
            expect(isShared || (isPersonal && teamIds.every((id) => id === null))).toBe(true);
            if (subject === undefined) expect(isShared).toBe(true);
          }
        },
      ),
    );
  });
});
