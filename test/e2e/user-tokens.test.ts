import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { Access } from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Memory, Mneme, MnemeError, type UserPermission } from "@mneme/sdk";
import { createRemoteJWKSet, jwtVerify } from "jose";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const ALL: readonly UserPermission[] = ["read", "write", "delete"];
/** Nobody's. */
const NONE = "01890000-0000-7000-8000-000000000001";

let tenant: Awaited<ReturnType<typeof provisionSharedTenant>>;
let owner: Mneme;
const opened: Mneme[] = [];
const open = (token: string, headers = {}) => {
  const mneme = new Mneme({ url: sharedStack().url, token, retries: 0, headers });
  opened.push(mneme);
  return mneme;
};
const tokenOf = async (userId: string, permissions = ALL) =>
  (await owner.userTokens.mint({ userId, permissions, ttlSeconds: 600 })).token;

/** What the user bo has. */
interface Owned {
  readonly memory: Memory;
  readonly extractionId: string;
  readonly freshnessToken: string;
  readonly pageToken: string;
}
let ada: Mneme;
let bo: Mneme;
let ofBo: Owned;

beforeAll(async () => {
  tenant = await provisionSharedTenant("user tokens");
  owner = new Mneme({ url: sharedStack().url, apiKey: tenant.apiKey });
  [ada, bo] = [open(await tokenOf("ada")), open(await tokenOf("bo"))];
  const kept = { infer: false, waitFor: "searchable" } as const;
  await ada.scope({}).add("Ada keeps bees on the roof.", kept);
  const added = await bo.scope({}).add(["Bo keeps geese on the roof.", "Bo plays the oboe."].map(text), kept);
  await bo.session("s").append("Remind me of the geese.");
  // Of nobody in particular, as an application keeps it.
  await owner.agent("bot").add("The roof is closed in winter.", kept);
  await shareWithTeam();
  const page = await bo.scope({}).list({ pageSize: 1 }).page();
  const [memory] = page.items;
  if (!memory) throw new Error("what was added is not listed");
  ofBo = { ...added, memory, pageToken: page.nextPageToken ?? "" };
}, 60_000);
afterAll(async () => {
  for (const mneme of [owner, ...opened]) await mneme?.[Symbol.asyncDispose]();
});

const text = (line: string) => ({ text: line });
/** The team's memory is granted to the project's keys, and to no user. */
async function shareWithTeam(): Promise<void> {
  const tenancy = createClient(
    TenancyService,
    createConnectTransport({ baseUrl: sharedStack().url, httpVersion: "2" }),
  );
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  await tenancy.createTeam({ teamId: "crew", name: "crew" }, { headers });
  const grantee = { grantee: { case: "projectId", value: tenant.projectId } } as const;
  await tenancy.createGrant({ teamId: "crew", grantee, access: Access.WRITE }, { headers });
  await owner.team("crew").add("The crew meets on the roof.", { infer: false, waitFor: "searchable" });
}

/** What a caller can tell of a failure. */
async function failure(call: Promise<unknown>): Promise<object> {
  const thrown = await call.then(
    () => new Error("it did not fail"),
    (error: unknown) => error,
  );
  if (!(thrown instanceof MnemeError)) throw thrown;
  const { kind, reason, message, fields } = thrown;
  return { kind, reason, message: message.replaceAll(/[0-9a-f-]{36}/g, "<id>"), fields };
}
const textsOf = async (mneme: Mneme, scope = {}) => {
  const { hits } = await mneme.scope(scope).search("What is on the roof?");
  return hits.map(({ memory }) => memory.text);
};

describe("a user's token", () => {
  it("finds that user's memories and no others, whatever scope it asks for", async () => {
    const own = ["Ada keeps bees on the roof."];
    expect(await textsOf(ada)).toEqual(own);
    expect(await textsOf(ada, { userId: "ada" })).toEqual(own);
    expect((await ada.scope({}).list().toArray()).map((memory) => memory.text)).toEqual(own);
    expect((await ada.scope({}).context("What is on the roof?")).text).toContain("bees");
    const { groups } = await ada.scope({}).profile();
    expect(groups.flatMap(({ lines }) => lines.map((line) => line.text))).toEqual(own);
    expect((await textsOf(bo)).sort()).toEqual(["Bo keeps geese on the roof.", "Bo plays the oboe."]);
    // The key that minted it sees what is shared.
    expect(await textsOf(owner, { agentId: "bot" })).toContain("The roof is closed in winter.");
    expect(await textsOf(owner, { teamId: "crew" })).toContain("The crew meets on the roof.");
    for (const shared of [
      { agentId: "bot" },
      { teamId: "crew" },
      { agentId: "bot", teamId: "crew" },
      { appId: "x" },
    ])
      expect(await textsOf(ada, shared), JSON.stringify(shared)).toEqual([]);
    await ada.agent("bot").add("Ada likes honey.", { infer: false, waitFor: "searchable" });
    expect(await textsOf(ada, { agentId: "bot" })).toEqual(["Ada likes honey."]);
  });

  const NAMED: readonly (readonly [string, (mneme: Mneme, userId: string) => Promise<unknown>])[] = [
    ["search", (mneme, id) => mneme.user(id).search("roof")],
    ["context", (mneme, id) => mneme.user(id).context("roof")],
    ["profile", (mneme, id) => mneme.user(id).profile()],
    ["list", (mneme, id) => mneme.user(id).list().toArray()],
    ["add", (mneme, id) => mneme.user(id).add("I was here.")],
    ["import", (mneme, id) => mneme.user(id).import(["I was here."])],
    ["delete all", (mneme, id) => mneme.user(id).session("none").deleteAll()],
    ["list extractions", (mneme, id) => mneme.extractions.list({ scope: { userId: id } }).toArray()],
    ["append to a session", (mneme, id) => mneme.user(id).session("s").append("I was here.")],
    ["read a session", (mneme, id) => mneme.user(id).session("s").window()],
    ["end a session", (mneme, id) => mneme.user(id).session("s").end()],
  ];

  it.each(NAMED)("is refused another user's scope: %s", async (_, call) => {
    expect(await failure(call(ada, "bo"))).toMatchObject({
      kind: "permission_denied",
      reason: "USER_TOKEN_SCOPE",
    });
    // The same of a user that there is none of.
    expect(await failure(call(ada, "bo"))).toEqual(await failure(call(ada, "nobody")));
  });

  const BY_ID: readonly (readonly [string, (mneme: Mneme, ids: Owned) => Promise<unknown>])[] = [
    ["get a memory", (mneme, { memory }) => mneme.memories.get(memory.id)],
    ["its versions", (mneme, { memory }) => mneme.memories.versions(memory.id).toArray()],
    ["update a memory", (mneme, { memory }) => mneme.memories.update(memory.id, { importance: 0.7 })],
    [
      "update several",
      (mneme, { memory: { id } }) => mneme.memories.batchUpdate([{ id, patch: { importance: 0.8 } }]),
    ],
    ["get an extraction", (mneme, { extractionId }) => mneme.extractions.get(extractionId)],
    [
      "watch an extraction",
      (mneme, { extractionId }) => Array.fromAsync(mneme.extractions.watch(extractionId)),
    ],
  ];

  it.each(BY_ID)("knows another's id as little as nobody's: %s", async (_, call) => {
    await call(bo, ofBo);
    const nobodys = { ...ofBo, memory: { ...ofBo.memory, id: NONE }, extractionId: NONE };
    const refused = await failure(call(ada, ofBo));
    expect(refused).toMatchObject({ kind: "not_found" });
    expect(refused).toEqual(await failure(call(ada, nobodys)));
  });

  it("gets, deletes and lists nothing of another's by the batch", async () => {
    const { id } = ofBo.memory;
    expect((await bo.memories.batchGet([id])).notFound).toEqual([]);
    expect(await ada.memories.batchGet([id])).toEqual({ memories: [], notFound: [id] });
    expect(await failureOrResult(ada.memories.batchDelete([id]))).toEqual(
      await failureOrResult(ada.memories.batchDelete([NONE])),
    );
    expect(await failure(ada.memories.delete(id))).toEqual(await failure(ada.memories.delete(NONE)));
    expect((await bo.memories.get(id)).id).toBe(id);
    const extractions = await ada.extractions.list().toArray();
    expect(extractions.length).toBeGreaterThan(0);
    expect(extractions.map((one) => one.scope.userId)).toEqual(extractions.map(() => "ada"));
    expect(extractions.map((one) => one.id)).not.toContain(ofBo.extractionId);
  });
  const failureOrResult = (call: Promise<unknown>) => call.catch(() => failure(call));

  it("finds a session of its own under a name that is another's too", async () => {
    expect((await bo.session("s").window()).turns).toHaveLength(1);
    expect(await failure(ada.session("s").window())).toMatchObject({ reason: "SESSION_NOT_FOUND" });
    expect(await failure(ada.session("s").window())).toEqual(await failure(ada.session("none").window()));
  });

  it("gets nothing by another's tokens of pages and of freshness", async () => {
    expect(ofBo.pageToken).not.toBe("");
    const own = ada.scope({}).list({ pageSize: 1 });
    expect(await failure(own.page(ofBo.pageToken))).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
    const { hits } = await ada.scope({}).search("roof", { atLeastAsFresh: ofBo.freshnessToken });
    expect(hits.map(({ memory }) => memory.scope.userId)).toEqual(hits.map(() => "ada"));
  });

  it("does what it was minted for, administers nothing, and mints no further tokens", async () => {
    const reader = open(await tokenOf("ada", ["read"]));
    expect(await textsOf(reader)).toContain("Ada keeps bees on the roof.");
    const missing = { kind: "permission_denied", reason: "PERMISSION_MISSING" };
    expect(await failure(reader.scope({}).add("I was here."))).toMatchObject(missing);
    expect(await failure(reader.session("none").deleteAll())).toMatchObject(missing);
    expect(await failure(ada.extractions.retry(ofBo.extractionId))).toMatchObject(missing);
    expect(await failure(ada.userTokens.mint({ userId: "bo" }))).toMatchObject(missing);
    expect(await failure(ada.userTokens.mint({ userId: "ada" }))).toMatchObject(missing);
  });

  it("reaches no other project by a header", async () => {
    const token = await tokenOf("ada");
    expect(await textsOf(open(token, { "mneme-project": tenant.projectId }))).not.toEqual([]);
    for (const project of [NONE, "other", "*"]) {
      const refused = await failure(textsOf(open(token, { "mneme-project": project })));
      expect(refused).toMatchObject({ reason: "PROJECT_NOT_FOUND" });
    }
  });

  it("is verified by the published keys", async () => {
    const keys = createRemoteJWKSet(new URL("/.well-known/jwks.json", sharedStack().url));
    const { payload } = await jwtVerify(await tokenOf("ada"), keys, { issuer: "mneme", audience: "mneme" });
    expect(payload).toMatchObject({ scope: "read write delete", tenant: tenant.tenantId });
  });

  it("ends within a second of its key's revocation", async () => {
    const other = await provisionSharedTenant("revoked");
    await using minting = new Mneme({ url: sharedStack().url, apiKey: other.apiKey });
    const { token } = await minting.userTokens.mint({ userId: "ada" });
    const mneme = open(token);
    expect(await textsOf(mneme)).toEqual([]);
    const admin = new pg.Client({ connectionString: sharedStack().adminUrl });
    await admin.connect();
    await admin.query("update mneme.api_keys set revoked_at = now() where tenant_id = $1", [other.tenantId]);
    await admin.end();
    const revokedAt = performance.now();
    const call = () => failure(textsOf(mneme)).catch(() => undefined);
    const refused = { kind: "unauthenticated", reason: "CREDENTIALS_INVALID" };
    await expect.poll(call, { interval: 50, timeout: 5_000 }).toMatchObject(refused);
    expect(performance.now() - revokedAt).toBeLessThan(2_000);
  });
});
