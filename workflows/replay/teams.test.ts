import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { createReplayStore } from "@mneme/postgres/replay/replay-store.ts";
import { createGrantStore } from "@mneme/postgres/tenancy/grant-store.ts";
import { createTeamStore } from "@mneme/postgres/tenancy/team-store.ts";
import { administratorOf, requestOf } from "@mneme/postgres/testing/administrator.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADA, BY_MODEL, MAY, ReplaySuite } from "../testing/replay-suite.ts";
import type { ReplayTenant } from "../testing/replay-tenant.ts";

const OURS = { ...ADA, teamId: "ours" };
const THEIRS = { ...ADA, teamId: "theirs" };
const AS_BEFORE = "The user keeps bees.";
const ANEW = "Is a beekeeper.";

let suite: ReplaySuite;
beforeAll(async () => {
  suite = await ReplaySuite.open();
});
beforeEach(() => suite.reset({ "I keep bees.": [{ text: ANEW }] }));
afterAll(() => suite?.[Symbol.asyncDispose]());

/** Ada's words to herself and to two teams, and a replay by a key that may write one of them. */
async function replayed() {
  const tenant = await suite.openTenant();
  const grantId = await withTeams(tenant);
  for (const scope of [ADA, OURS, THEIRS]) await tenant.say(scope, ["I keep bees."], MAY);
  const { tenantId, projectId } = tenant.tenant;
  const key: Tenancy = { tenantId, projectId, reach: { principals: [projectId] } };
  const whole = { scope: undefined, sample: { seed: 0 }, ...BY_MODEL };
  const { id } = await createReplayStore(suite.record.database).start(key, whole, requestOf("StartReplay"));
  await tenant.advance(id);
  return { tenant, id, grantId };
}

/** @returns the id of the grant. */
async function withTeams({ tenant }: ReplayTenant): Promise<string> {
  const admin = administratorOf(tenant);
  const { database } = suite.record;
  for (const { teamId } of [OURS, THEIRS])
    await createTeamStore(database).create(admin, { teamId, name: "" }, requestOf("CreateTeam"));
  const of = { kind: "team", id: OURS.teamId } as const;
  const grantee = { kind: "project", id: tenant.projectId } as const;
  const asked = { of, grantee, access: "write", expiresAt: undefined } as const;
  return (await createGrantStore(database).create(admin, asked, requestOf("CreateGrant"))).id;
}

/** What each is told by, Ada's own apart from what she told teams. */
async function told(tenant: ReplayTenant) {
  const all = await tenant.memories(ADA);
  const of = (teamId?: string) => all.flatMap(({ text, scope }) => (scope.teamId === teamId ? [text] : []));
  return { own: of(), ours: of(OURS.teamId), theirs: of(THEIRS.teamId) };
}

describe("a replay by who may write one of two teams", () => {
  it("reads and promotes a member's own memories and that team's, and knows nothing of the other's", async () => {
    const { tenant, id } = await replayed();
    expect(await told(tenant)).toEqual({ own: [AS_BEFORE], ours: [AS_BEFORE], theirs: [AS_BEFORE] });
    const [added, removed] = [`added:  -> ${ANEW}`, `removed: ${AS_BEFORE} -> `];
    expect(await tenant.told(id)).toEqual([added, added, removed, removed]);
    await tenant.end(id, "promoting");
    expect(await told(tenant)).toEqual({ own: [ANEW], ours: [ANEW], theirs: [AS_BEFORE] });
  });

  it("promotes a member's own alone once the grant is taken back", async () => {
    const { tenant, id, grantId } = await replayed();
    const admin = administratorOf(tenant.tenant);
    await createGrantStore(suite.record.database).delete(admin, grantId, requestOf("DeleteGrant"));
    await tenant.end(id, "promoting");
    expect(await told(tenant)).toEqual({ own: [ANEW], ours: [AS_BEFORE], theirs: [AS_BEFORE] });
  });
});
