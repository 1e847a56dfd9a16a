import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { Access } from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Administration, openAdministration, type Provisioned } from "../../testing/administration.ts";
import { failureOfCall } from "../../testing/wire-errors.ts";

let server: Administration;
let tenant: Provisioned;

beforeAll(async () => {
  server = await openAdministration("teams");
});
afterAll(() => server?.[Symbol.asyncDispose]());
beforeEach(async () => {
  tenant = await server.record.provision();
});

const tenancy = () => server.as(TenancyService, tenant.apiKey);
const NO_TEAM = { code: "NotFound", reason: "TEAM_NOT_FOUND" };
const user = (userId: string) => ({ grantee: { case: "userId", value: userId } }) as const;

describe("a team", () => {
  test("is made, read, renamed under its etag, and removed", async () => {
    const { team } = await tenancy().createTeam({ teamId: "crew", requestId: "once" });
    expect(team).toMatchObject({ teamId: "crew", name: "crew" });
    expect(await tenancy().createTeam({ teamId: "crew", requestId: "once" })).toEqual({
      team,
      $typeName: expect.anything(),
    });
    const change = {
      teamId: "crew",
      name: "The crew",
      updateMask: { paths: ["name"] },
      etag: team?.etag ?? "",
    };
    expect((await tenancy().updateTeam(change)).team?.name).toBe("The crew");
    expect(await failureOfCall(tenancy().updateTeam(change))).toMatchObject({ reason: "ETAG_MISMATCH" });
    const taken = { code: "AlreadyExists", reason: "ALREADY_EXISTS", fields: ["team_id"] };
    expect(await failureOfCall(tenancy().createTeam({ teamId: "crew" }))).toMatchObject(taken);
    await tenancy().deleteTeam({ teamId: "crew" });
    expect(await failureOfCall(tenancy().getTeam({ teamId: "crew" }))).toMatchObject(NO_TEAM);
    expect(await failureOfCall(tenancy().deleteTeam({ teamId: "crew" }))).toMatchObject(NO_TEAM);
  });

  test("comes in pages, newest first", async () => {
    for (const teamId of ["one", "two", "three"]) await tenancy().createTeam({ teamId });
    const first = await tenancy().listTeams({ pageSize: 2 });
    const rest = await tenancy().listTeams({ pageSize: 2, pageToken: first.nextPageToken });
    const names = [...first.teams, ...rest.teams].map(({ teamId }) => teamId);
    expect(names).toEqual(["three", "two", "one"]);
    expect(rest.nextPageToken).toBe("");
  });

  test("is stored by a keyed hash and ciphertext alone", async () => {
    await tenancy().createTeam({ teamId: "zanzibarium", name: "zanzibarium people" });
    const { rows } = await server.record.admin.query(
      `select encode(ref_ct, 'escape') as ref, encode(ref_mac, 'escape') as mac, encode(name_ct, 'escape') as name
       from mneme.teams t join mneme.scope_refs r using (tenant_id, id) where t.tenant_id = $1`,
      [tenant.tenantId],
    );
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain("zanzibarium");
  });
});

describe("a grant", () => {
  test("is for anybody, whom the tenant may not know yet, and is told back by the names that were given", async () => {
    for (const teamId of ["crew", "board"]) await tenancy().createTeam({ teamId });
    const { apiKey } = await server.as(ApiKeyService, tenant.apiKey).getApiKey({});
    const grantees = [
      { case: "userId", value: "ada@example.com" },
      { case: "agentId", value: "helper" },
      { case: "appId", value: "app" },
      { case: "teamId", value: "board" },
      { case: "apiKeyId", value: apiKey?.apiKeyId ?? "" },
      { case: "projectId", value: tenant.projectId },
    ] as const;
    for (const grantee of grantees) {
      const { grant } = await tenancy().createGrant({
        teamId: "crew",
        grantee: { grantee },
        access: Access.WRITE,
      });
      expect(grant).toMatchObject({ teamId: "crew", grantee: { grantee }, access: Access.WRITE });
    }
    const { grants } = await tenancy().listGrants({ teamId: "crew" });
    expect(grants.map(({ grantee }) => grantee?.grantee)).toEqual([...grantees].reverse());
    expect((await tenancy().listGrants({ teamId: "board" })).grants).toEqual([]);
  });

  test("replaces the first of its pair, and keeps its id", async () => {
    await tenancy().createTeam({ teamId: "crew" });
    const expireTime = timestampFromMs(Date.now() + 3_600_000);
    const first = await tenancy().createGrant({ teamId: "crew", grantee: user("ada"), expireTime });
    expect(first.grant).toMatchObject({ access: Access.READ, expireTime: { seconds: expireTime.seconds } });
    const second = await tenancy().createGrant({
      teamId: "crew",
      grantee: user("ada"),
      access: Access.WRITE,
    });
    expect(second.grant).toMatchObject({ grantId: first.grant?.grantId, access: Access.WRITE });
    expect(second.grant?.expireTime).toBeUndefined();
    expect((await tenancy().listGrants({})).grants).toHaveLength(1);
  });

  test("is taken back once", async () => {
    await tenancy().createTeam({ teamId: "crew" });
    const { grant } = await tenancy().createGrant({ teamId: "crew", grantee: user("ada") });
    const grantId = grant?.grantId ?? "";
    await tenancy().deleteGrant({ grantId, requestId: "once" });
    await tenancy().deleteGrant({ grantId, requestId: "once" });
    const gone = { code: "NotFound", reason: "GRANT_NOT_FOUND", metadata: { grant_id: grantId } };
    expect(await failureOfCall(tenancy().deleteGrant({ grantId }))).toMatchObject(gone);
  });

  test("goes with either team: one that is made again reaches nothing", async () => {
    for (const teamId of ["crew", "board"]) await tenancy().createTeam({ teamId });
    const board = { grantee: { case: "teamId", value: "board" } } as const;
    await tenancy().createGrant({ teamId: "crew", grantee: board });
    await tenancy().deleteTeam({ teamId: "board" });
    await tenancy().createTeam({ teamId: "board" });
    expect((await tenancy().listGrants({ teamId: "crew" })).grants).toEqual([]);
    await tenancy().createGrant({ teamId: "crew", grantee: board });
    await tenancy().deleteTeam({ teamId: "crew" });
    await tenancy().createTeam({ teamId: "crew" });
    expect((await tenancy().listGrants({})).grants).toEqual([]);
  });

  test("refuses who is not there, and the team itself", async () => {
    const other = await server.record.provision();
    await server.as(TenancyService, other.apiKey).createTeam({ teamId: "theirs" });
    await tenancy().createTeam({ teamId: "crew" });
    const grant = (kind: "teamId" | "apiKeyId" | "projectId", value: string) =>
      failureOfCall(tenancy().createGrant({ teamId: "crew", grantee: { grantee: { case: kind, value } } }));
    expect(await grant("teamId", "theirs")).toMatchObject(NO_TEAM);
    expect(await grant("apiKeyId", other.tenantId)).toMatchObject({ reason: "API_KEY_NOT_FOUND" });
    expect(await grant("projectId", other.projectId)).toMatchObject({ reason: "PROJECT_NOT_FOUND" });
    expect(await grant("teamId", "crew")).toMatchObject({
      reason: "FIELD_INVALID",
      fields: ["grantee.team_id"],
    });
    const elsewhere = tenancy().createGrant({ teamId: "theirs", grantee: user("ada") });
    expect(await failureOfCall(elsewhere)).toMatchObject(NO_TEAM);
  });
});
