import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Role } from "@mneme/proto/mneme/access/v1/api_key_pb.js";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { AuditService } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { Access, type Grantee } from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { State } from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { Mneme, MnemeError } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedOperator, sharedStack } from "../harness/shared-stack.ts";

const { url } = sharedStack();
const KEPT = { infer: false, waitFor: "searchable" } as const;

let operator: Client<typeof OperatorService>;
let tenantId: string;
let admin: string;
let projectId: string;
const opened: Mneme[] = [];

beforeAll(async () => {
  operator = as(OperatorService, await provisionSharedOperator());
  const made = await operator.createTenant({ name: "administration" });
  tenantId = made.tenant?.tenantId ?? "";
  admin = made.secret;
  const { project } = await as(TenancyService, admin).createProject({ name: "support" });
  projectId = project?.projectId ?? "";
});
afterAll(async () => {
  for (const mneme of opened) await mneme[Symbol.asyncDispose]();
});

function as<S extends DescService>(service: S, secret: string): Client<S> {
  const authorize: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${secret}`);
    return next(request);
  };
  return createClient(
    service,
    createConnectTransport({ baseUrl: url, httpVersion: "2", interceptors: [authorize] }),
  );
}

function open(apiKey: string, headers = {}): Mneme {
  const mneme = new Mneme({ url, apiKey, retries: 0, headers });
  opened.push(mneme);
  return mneme;
}

/** A key of the project. */
async function keyOf(...roles: Role[]) {
  const request = { name: "support", projectId, roles };
  const { apiKey, secret } = await as(ApiKeyService, admin).createApiKey(request);
  return { apiKeyId: apiKey?.apiKeyId ?? "", secret };
}

/** The reason of a failure; of none, `OK`. */
async function reasonOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "OK",
    (error: unknown) => {
      if (error instanceof MnemeError) return String(error.reason);
      throw error;
    },
  );
}

describe("keys of a project", () => {
  it("each do what their role says, in their project alone", async () => {
    const [reader, writer, eraser] = await Promise.all(
      [Role.READER, Role.WRITER, Role.ERASER].map(async (role) => open((await keyOf(role)).secret)),
    );
    if (!reader || !writer || !eraser) throw new Error("a key is missing");
    await writer.user("ada").add("Ada keeps bees on the roof.", KEPT);
    const texts = async (mneme: Mneme) =>
      (await mneme.user("ada").search("What does Ada keep?")).hits.map(({ memory }) => memory.text);
    expect(await texts(reader)).toEqual(["Ada keeps bees on the roof."]);
    expect(await reasonOf(reader.user("ada").add("Ada rows.", KEPT))).toBe("PERMISSION_MISSING");
    expect(await reasonOf(eraser.user("ada").search("bees"))).toBe("PERMISSION_MISSING");

    // A key of the tenant reaches its default project, or the one that a call names.
    expect(await texts(open(admin))).toEqual([]);
    expect(await texts(open(admin, { "mneme-project": projectId }))).toEqual(["Ada keeps bees on the roof."]);

    await eraser.user("ada").deleteAll();
    expect(await texts(reader)).toEqual([]);
  });

  it("end within a second of their revocation, and of their project's archiving", async () => {
    const { apiKeyId, secret } = await keyOf(Role.READER);
    const search = (key: Mneme) => reasonOf(key.user("ada").search("bees"));
    const revoked = open(secret);
    expect(await search(revoked)).toBe("OK");
    await as(ApiKeyService, admin).revokeApiKey({ apiKeyId });
    await expect.poll(() => search(revoked), { timeout: 1_000, interval: 20 }).toBe("CREDENTIALS_INVALID");

    const other = open((await keyOf(Role.READER)).secret);
    expect(await search(other)).toBe("OK");
    const change = { projectId, updateMask: { paths: ["state"] } };
    await as(TenancyService, admin).updateProject({ ...change, state: State.SUSPENDED });
    await expect.poll(() => search(other), { timeout: 1_000, interval: 20 }).toBe("SUSPENDED");
    await as(TenancyService, admin).updateProject({ ...change, state: State.ACTIVE });
    await expect.poll(() => search(other)).toBe("OK");
  });

  it("end with their tenant's suspension, and come back with it", async () => {
    const search = () => reasonOf(open(admin).user("ada").search("bees"));
    const change = { tenantId, updateMask: { paths: ["state"] } };
    await operator.updateTenant({ ...change, state: State.SUSPENDED });
    await expect.poll(search, { timeout: 1_000, interval: 20 }).toBe("SUSPENDED");
    await operator.updateTenant({ ...change, state: State.ACTIVE });
    await expect.poll(search).toBe("OK");
  });
});

it("the largest limits, at every level, hold nobody up", async () => {
  const most = BigInt(Number.MAX_SAFE_INTEGER);
  const limits = {
    requestsPerSecond: 1_000_000,
    burst: 10_000_000,
    messagesPerDay: most,
    memories: most,
    modelTokensPerMonth: most,
    streams: 100_000,
  };
  const { secret } = await operator.createTenant({ name: "unbounded", limits });
  const { project } = await as(TenancyService, secret).createProject({ name: "unbounded", limits });
  const made = await as(ApiKeyService, secret).createApiKey({
    name: "unbounded",
    projectId: project?.projectId ?? "",
    roles: [Role.READER, Role.WRITER],
    limits,
  });
  const mneme = open(made.secret);
  const ada = mneme.user("ada");
  // Both watch: streams.
  await mneme.waitFor(await ada.add("Ada keeps bees on the roof.", { infer: false }));
  await mneme.waitFor(await ada.import([{ text: "Ada rows." }]));
  const { hits } = await ada.search("What does Ada keep?");
  expect(hits.map(({ memory }) => memory.text)).toContain("Ada keeps bees on the roof.");
});

it("what the operator does to a tenant stands in the tenant's own audit trail", async () => {
  const made = await operator.createTenant({ name: "watchful" });
  const { secret } = await operator.createTenantAdminKey({ tenantId: made.tenant?.tenantId ?? "" });
  const { apiKey } = await as(ApiKeyService, secret).getApiKey({});
  const byOperator = async () =>
    (await as(AuditService, secret).listAuditEvents({})).events.filter(
      ({ actor }) => actor?.service === "operator",
    );
  await expect
    .poll(async () => (await byOperator()).map(({ action }) => action.split("/")[1]))
    .toEqual(
      // Newest first.
      ["CreateTenantAdminKey", "CreateTenant"],
    );
  const [event] = await byOperator();
  expect(event?.resources.map(({ id }) => id)).toContain(apiKey?.apiKeyId);
});

describe("a tenant's place in the index", () => {
  it("is one of its own once the operator has said so, and searches find the same there", async () => {
    const made = await operator.createTenant({ name: "large" });
    const id = made.tenant?.tenantId ?? "";
    const person = open(made.secret).user("ada");
    await person.add("Ada keeps bees on the roof.", KEPT);
    const search = async () =>
      (await person.search("What does Ada keep?")).hits.map(({ memory }) => memory.text);
    const { placement } = await operator.moveTenant({
      tenantId: id,
      target: { case: "ownIndex", value: true },
    });
    const own = placement?.movingTo;
    await expect
      .poll(async () => (await operator.getPlacement({ tenantId: id })).placement, { timeout: 50_000 })
      .toMatchObject({ pool: own, movingTo: "", updateTime: expect.anything() });
    expect(await search()).toEqual(["Ada keeps bees on the roof."]);
    await person.add("Ada plays the oboe.", KEPT);
    expect((await search()).sort()).toEqual(["Ada keeps bees on the roof.", "Ada plays the oboe."]);
  });
});

describe("a team's memory", () => {
  const QUESTION = "Where does the crew meet?";
  const MEETS = "The crew meets at the boathouse.";
  const grant = async (teamId: string, grantee: Grantee["grantee"], access = Access.READ) =>
    (await as(TenancyService, admin).createGrant({ teamId, grantee: { grantee }, access })).grant?.grantId ??
    "";
  const found = async (mneme: Mneme, scope: { userId?: string; teamId?: string }) =>
    (await mneme.scope(scope).search(QUESTION)).hits.map(({ memory }) => memory.text);

  it("is found by the keys that a grant names, by themselves or through another team, until it is taken back", async () => {
    const [writer, granted, other] = await Promise.all(
      [Role.WRITER, Role.READER, Role.READER].map((role) => keyOf(role)),
    );
    if (!writer || !granted || !other) throw new Error("a key is missing");
    for (const teamId of ["crew", "board"]) await as(TenancyService, admin).createTeam({ teamId });
    const team = { teamId: "crew" };
    const writing = open(writer.secret);
    expect(await reasonOf(writing.scope(team).add(MEETS, KEPT))).toBe("TEAM_NOT_FOUND");
    const key = (apiKeyId: string) => ({ case: "apiKeyId", value: apiKeyId }) as const;
    await grant("crew", key(writer.apiKeyId), Access.WRITE);
    await writing.scope(team).add(MEETS, KEPT);

    const reading = open(granted.secret);
    const outside = open(other.secret);
    expect(await found(reading, team)).toEqual([]);
    await grant("board", key(granted.apiKeyId));
    const through = await grant("crew", { case: "teamId", value: "board" });
    expect(await found(reading, team)).toEqual([MEETS]);
    expect(await found(outside, team)).toEqual([]);
    await as(TenancyService, admin).deleteGrant({ grantId: through });
    expect(await found(reading, team)).toEqual([]);
  });

  it("is written and found by a user as the grant says", async () => {
    const mneme = open((await keyOf(Role.WRITER)).secret);
    await as(TenancyService, admin).createTeam({ teamId: "choir" });
    const inTeam = { userId: "bo", teamId: "choir" };
    const says = "Bo told the choir that the crew meets at noon.";
    const bo = { case: "userId", value: "bo" } as const;
    await grant("choir", bo, Access.WRITE);
    await mneme.scope(inTeam).add(says, KEPT);
    expect(await found(mneme, inTeam)).toEqual([says]);
    const grantId = await grant("choir", bo, Access.READ);
    expect(await found(mneme, inTeam)).toEqual([says]);
    expect(await reasonOf(mneme.scope(inTeam).add("Bo sings.", KEPT))).toBe("PERMISSION_MISSING");
    await as(TenancyService, admin).deleteGrant({ grantId });
    expect(await found(mneme, inTeam)).toEqual([]);
    expect(await found(mneme, { userId: "bo" })).toEqual([]);
  });
});
