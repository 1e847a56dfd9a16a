import {
  type Hit,
  InvalidArgumentError,
  type MemoryScope,
  Mneme,
  NotFoundError,
  PermissionDeniedError,
} from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const { url } = sharedStack();
const resources = new AsyncDisposableStack();
afterAll(() => resources.disposeAsync());

const connect = (credentials: { apiKey?: string; token?: string; project?: string }): Mneme =>
  resources.use(new Mneme({ url, ...credentials }));

/** A tenant of its own. */
async function newTenant(name: string): Promise<Mneme> {
  return connect({ apiKey: (await provisionSharedTenant(name)).apiKey });
}

/** A finished statement. */
const state = (scope: MemoryScope, text: string) => scope.add(text, { infer: false, waitFor: "searchable" });
/** Something that somebody says, of which the extractor makes what it makes. */
const say = (scope: MemoryScope, name: string, text: string) =>
  scope.add(text, { name, waitFor: "searchable" });
const shared = { layers: ["shared"], tokenBudget: 2_000 } as const;
const told = (hits: readonly Hit[]) => hits.map(({ memory, layer }) => `${layer}: ${memory.text}`).sort();
const find = (hits: readonly Hit[], text: string) => {
  const hit = hits.find(({ memory }) => memory.text.includes(text));
  if (!hit) throw new Error("it was not found");
  return hit;
};

describe("an agent's one search", () => {
  let mneme: Mneme;
  let defaultProjectId: string;

  beforeAll(async () => {
    mneme = await newTenant("shared memory");
    ({ defaultProjectId } = await mneme.tenant.get());
    await mneme.teams.create("sales");
    for (const userId of ["ana", "ben"]) await mneme.grants.create("sales", { userId }, { access: "write" });
    await mneme.grants.create({ tenant: true }, { apiKeyId: await ownKeyId(mneme) }, { access: "write" });
    await mneme.grants.create({ tenant: true }, { projectId: defaultProjectId });
    const ana = mneme.user("ana");
    await state(ana, "Ana hears of the launch by text message.");
    await state(ana.agent("guide"), "Ana asked the guide for the launch plan.");
    await state(ana.agent("therapist"), "Ana fears the launch.");
    await state(mneme.user("ben"), "Ben is bored of the launch.");
    await state(mneme.agent("guide"), "Launch questions are answered with a link.");
    await state(mneme.app("crm"), "The launch has a page in the CRM.");
    await state(mneme.user("ben").team("sales"), "The launch party is at the harbour.");
    await state(mneme.shared("project"), "The launch checklist is on the wiki.");
    await state(mneme.shared("tenant"), "Launches need the approval of the board.");
  });

  it("takes along what is shared with the person, and says of each hit whose it is", async () => {
    const scope = mneme.user("ana").agent("guide").app("crm");
    const { hits, degraded } = await scope.search("What about the launch?", { ...shared, limit: 20 });
    expect(degraded).toEqual([]);
    expect(told(hits)).toEqual([
      "agent: Launch questions are answered with a link.",
      "app: The launch has a page in the CRM.",
      "project: The launch checklist is on the wiki.",
      "team: The launch party is at the harbour.",
      "tenant: Launches need the approval of the board.",
      "user: Ana hears of the launch by text message.",
      "user_agent: Ana asked the guide for the launch plan.",
    ]);
    const factors = Object.fromEntries(
      hits.map(({ layer, parts }) => [layer, parts.factors.layer?.toFixed(2)]),
    );
    expect(factors).toMatchObject({ user: "0.99", user_agent: "0.98", agent: "0.97", app: "0.96" });
    expect(factors).toMatchObject({ team: "0.95", project: "0.94", tenant: "0.93" });
    expect(find(hits, "harbour").toldBy).toBe("ben");
  });

  it("takes along the layers that are asked for, and what is the person's own always", async () => {
    const { hits } = await mneme
      .user("ana")
      .search("launch", { layers: ["team", "agent"], tokenBudget: 2_000 });
    expect(told(hits)).toEqual([
      "team: The launch party is at the harbour.",
      "user: Ana asked the guide for the launch plan.",
      "user: Ana fears the launch.",
      "user: Ana hears of the launch by text message.",
    ]);
  });

  it("finds for somebody new what is shared with everybody, and nothing else", async () => {
    const { hits } = await mneme.user("nobody yet").agent("guide").search("launch", shared);
    expect(told(hits)).toEqual([
      "agent: Launch questions are answered with a link.",
      "project: The launch checklist is on the wiki.",
      "tenant: Launches need the approval of the board.",
    ]);
  });

  it("without layers is as before: the scope alone, and no layer said", async () => {
    const { hits } = await mneme.user("ana").agent("guide").search("launch", { tokenBudget: 2_000 });
    expect(told(hits)).toEqual(["undefined: Ana asked the guide for the launch plan."]);
    expect(hits[0]?.parts.factors).not.toHaveProperty("layer");
  });

  it("is cited in a context with whose it is", async () => {
    const { text, citations } = await mneme
      .user("ana")
      .agent("guide")
      .context("launch", {
        ...shared,
        sections: ["facts"],
      });
    expect(text).toMatch(/- The launch party is at the harbour\. \(\d{4}-\d\d-\d\d, team sales\) \[\d\]/);
    expect(text).toMatch(/- The launch checklist is on the wiki\. \(\d{4}-\d\d-\d\d, project\) \[\d\]/);
    expect(text).toMatch(/- Ana hears of the launch by text message\. \(\d{4}-\d\d-\d\d\) \[\d\]/);
    expect(citations.map(({ layer, teamId, toldBy }) => ({ layer, teamId, toldBy }))).toContainEqual({
      layer: "team",
      teamId: "sales",
      toldBy: "ben",
    });
  });

  it("reaches another project's call with what is shared with the tenant, once it is granted", async () => {
    const project = await mneme.projects.create("other");
    const { secret } = await mneme.apiKeys.create("other", { projectId: project.id, roles: ["writer"] });
    const other = connect({ apiKey: secret as string });
    expect((await other.user("ana").search("launch", shared)).hits).toEqual([]);
    await expect(state(other.shared("tenant"), "From elsewhere.")).rejects.toThrow(InvalidArgumentError);
    const grant = await mneme.grants.create({ tenant: true }, { projectId: project.id });
    const { hits } = await other.user("ana").search("launch", shared);
    expect(told(hits)).toEqual(["tenant: Launches need the approval of the board."]);
    const listed = await other.shared("tenant").list().toArray();
    expect(listed).toMatchObject([{ scope: { sharedWith: "tenant" } }]);
    const { id = "" } = listed[0] ?? {};
    expect(await other.memories.get(id)).toMatchObject({ text: "Launches need the approval of the board." });
    await expect(other.memories.delete(id)).rejects.toThrow(NotFoundError);
    await mneme.grants.delete(grant.id);
    expect((await other.user("ana").search("launch", shared)).hits).toEqual([]);
    await expect(other.memories.get(id)).rejects.toThrow(NotFoundError);
  });

  it("ends with the grant: the next call finds nothing of the team", async () => {
    const grant = await mneme.grants.create("sales", { userId: "cleo" });
    const cleo = mneme.user("cleo");
    expect(told((await cleo.search("launch party", { layers: ["team"] })).hits)).toEqual([
      "team: The launch party is at the harbour.",
    ]);
    await mneme.grants.delete(grant.id);
    expect((await cleo.search("launch party", { layers: ["team"] })).hits).toEqual([]);
  });
});

describe("two layers that tell the value of the same attribute", () => {
  let mneme: Mneme;
  let ana: MemoryScope;
  beforeAll(async () => {
    mneme = await newTenant("nearer layers");
    ana = mneme.user("ana");
    await state(mneme.shared("project"), "The office is in Berlin.");
    await state(ana, "The office is in Munich.");
    await state(mneme.shared("project"), "The canteen opens at noon.");
    await state(ana, "The canteen opens at noon.");
  });

  it("are told both, the nearer one first, and the farther one is marked", async () => {
    const { hits } = await ana.search("Where is the office?", shared);
    const [near, far] = [find(hits, "Munich"), find(hits, "Berlin")];
    expect(hits.indexOf(near)).toBeLessThan(hits.indexOf(far));
    expect([near.layer, near.overriddenBy]).toEqual(["user", undefined]);
    expect([far.layer, far.overriddenBy]).toEqual(["project", near.memory.id]);
    const { text } = await ana.context("Where is the office?", { ...shared, sections: ["facts"] });
    expect(text).toMatch(
      /in Munich\. \([^)]*\) \[\d\]\n- The office is in Berlin\. \([^)]*, project, overridden\)/,
    );
  });

  it("stand once where they say the same: the nearer one, and the other is counted", async () => {
    const { hits, leftOut } = await ana.search("When does the canteen open?", shared);
    expect(hits.filter(({ memory }) => memory.text.includes("canteen"))).toMatchObject([{ layer: "user" }]);
    expect(leftOut.filter(({ reason }) => reason === "duplicate")).toHaveLength(1);
  });
});

describe("members of a team who disagree", () => {
  let mneme: Mneme;
  const members = ["ana", "ben", "cara"] as const;
  const of = (member: string) => mneme.user(member).team("launch");
  beforeAll(async () => {
    mneme = await newTenant("members who disagree");
    await mneme.teams.create("launch");
    for (const userId of members) await mneme.grants.create("launch", { userId }, { access: "write" });
    await say(of("ana"), "Ana", "The launch is on 3 May.");
    await say(of("ben"), "Ben", "The launch is on 5 May.");
    await say(of("cara"), "Cara", "The launch is on 9 May.");
  });

  it("are all kept, each with who said it and by whom it is disputed", async () => {
    const { hits } = await mneme.user("ana").search("When is the launch?", shared);
    expect(hits.map(({ toldBy }) => toldBy).sort()).toEqual(["Ana", "Ben", "Cara"]);
    for (const hit of hits) {
      const others = hits.filter((other) => other !== hit).map(({ memory }) => memory.id);
      expect([...hit.disputedBy].sort()).toEqual(others.sort());
    }
  });

  it("are told by name in a context", async () => {
    const { text } = await mneme
      .user("ben")
      .context("When is the launch?", { ...shared, sections: ["facts", "events"] });
    const lines = text.split("\n").filter((line) => line.startsWith("- "));
    expect(lines.map((line) => line.split(/[ :]/)[1])).toEqual(["Ana", "Ben", "Cara"]);
    expect(lines.every((line) => line.includes("team launch, disputed"))).toBe(true);
  });

  it("may change their own, and what nobody disputes any more is not marked", async () => {
    await say(of("ben"), "Ben", "The launch is on 3 May, not 5 May.");
    const { hits } = await mneme.user("cara").search("When is the launch?", shared);
    expect(hits.filter(({ memory }) => memory.text.includes("is on 5 May"))).toEqual([]);
    const cara = hits.find(({ toldBy }) => toldBy === "Cara");
    const ana = hits.find(({ toldBy }) => toldBy === "Ana");
    expect(cara?.disputedBy).toContain(ana?.memory.id);
    for (const hit of hits.filter(({ toldBy }) => toldBy !== "Cara"))
      expect(hit.disputedBy).toEqual([cara?.memory.id]);
  });

  it("take with them what they told, and no more, when all of theirs is deleted", async () => {
    await state(mneme.user("cara").sharedWith("project"), "Cara waters the plants.");
    await mneme.user("cara").deleteAll();
    const { hits } = await mneme.user("ana").search("When is the launch?", shared);
    expect(hits.map(({ toldBy }) => toldBy)).not.toContain("Cara");
    expect(hits.map(({ toldBy }) => toldBy)).toContain("Ana");
    expect(await mneme.shared("project").list().toArray()).toEqual([]);
  });
});

describe("members who talk in one conversation", () => {
  it("are compared as they speak: nobody ends what another has told", async () => {
    const mneme = await newTenant("one conversation");
    await mneme.grants.create({ tenant: true }, { projectId: (await mneme.tenant.get()).defaultProjectId });
    const project = mneme.shared("project");
    await say(project, "Ana", "The budget for the offsite is 8,000 euros.");
    await say(project, "Ben", "The budget for the offsite is 6,500 euros.");
    const { hits } = await project.search("What is the budget for the offsite?", shared);
    expect(hits.map(({ toldBy, disputedBy }) => [toldBy, disputedBy.length]).sort()).toEqual([
      ["Ana", 1],
      ["Ben", 1],
    ]);
    await say(project, "Ben", "The budget for the offsite is 7,000 euros now.");
    const later = (await project.search("What is the budget for the offsite?", shared)).hits;
    expect(later.map(({ memory }) => memory.text).join(" ")).not.toContain("6,500");
    expect(later.map(({ toldBy }) => toldBy).sort()).toEqual(["Ana", "Ben"]);
  });
});

describe("a user's token", () => {
  let mneme: Mneme;
  let ana: Mneme;
  beforeAll(async () => {
    mneme = await newTenant("tokens and layers");
    await mneme.teams.create("sales");
    await mneme.grants.create("sales", { userId: "ben" }, { access: "write" });
    await state(mneme.user("ana"), "Ana dislikes the launch.");
    await state(mneme.user("ben"), "Ben dislikes the launch.");
    await say(mneme.user("ben").team("sales"), "Ben", "The launch party is at the harbour.");
    await state(mneme.shared("project"), "The launch checklist is on the wiki.");
    await state(mneme.agent("guide"), "Launch questions are answered with a link.");
    const { token } = await mneme.userTokens.mint({
      userId: "ana",
      permissions: ["read", "write", "delete"],
    });
    ana = connect({ token });
  });
  const search = () => ana.user("ana").agent("guide").search("launch", shared);

  it("reaches nothing shared without a grant to its user", async () => {
    expect(told((await search()).hits)).toEqual(["user: Ana dislikes the launch."]);
  });

  it("reads what its user is granted, whoever told it, without that one's id or words", async () => {
    const [team, project] = [
      await mneme.grants.create("sales", { userId: "ana" }),
      await mneme.grants.create(
        { projectId: (await mneme.tenant.get()).defaultProjectId },
        { userId: "ana" },
      ),
    ];
    const { hits } = await search();
    expect(told(hits)).toEqual([
      "project: The launch checklist is on the wiki.",
      "team: Ben said: the launch party is at the harbour.",
      "user: Ana dislikes the launch.",
    ]);
    const party = find(hits, "harbour");
    expect(party.toldBy).toBe("Ben");
    expect(party.memory.scope).toEqual({ teamId: "sales" });
    expect(party.memory.sources.map(({ text }) => text)).toEqual([""]);
    expect((await ana.memories.get(party.memory.id)).text).toBe(party.memory.text);
    await expect(ana.memories.delete(party.memory.id)).rejects.toThrow(NotFoundError);
    await expect(ana.memories.update(party.memory.id, { importance: 0.1 })).rejects.toThrow(NotFoundError);
    await expect(state(ana.user("ana").sharedWith("project"), "Hello.")).rejects.toThrow(
      PermissionDeniedError,
    );
    for (const { id } of [team, project]) await mneme.grants.delete(id);
    expect(told((await search()).hits)).toEqual(["user: Ana dislikes the launch."]);
    await expect(ana.memories.get(party.memory.id)).rejects.toThrow(NotFoundError);
  });

  it("writes into what is shared for its user alone, where a grant lets it", async () => {
    const { defaultProjectId: projectId } = await mneme.tenant.get();
    await mneme.grants.create({ projectId }, { userId: "ana" }, { access: "write" });
    await state(ana.user("ana").sharedWith("project"), "The launch choir meets on Mondays.");
    expect(told((await mneme.user("ben").search("launch choir", shared)).hits)).toContain(
      "project: The launch choir meets on Mondays.",
    );
  });
});

describe("what is shared", () => {
  it("with the tenant is written by whom a grant lets alone", async () => {
    const mneme = await newTenant("tenant-wide writes");
    await expect(state(mneme.shared("tenant"), "All of us.")).rejects.toThrow(PermissionDeniedError);
    const projectId = (await mneme.tenant.get()).defaultProjectId;
    await mneme.grants.create({ tenant: true }, { projectId }, { access: "read" });
    await expect(state(mneme.shared("tenant"), "All of us.")).rejects.toThrow(PermissionDeniedError);
    await mneme.grants.create({ tenant: true }, { projectId }, { access: "write" });
    await state(mneme.shared("tenant"), "All of us.");
    expect(await mneme.grants.list().toArray()).toMatchObject([{ ofTenant: true, access: "write" }]);
  });

  it("is shared with a team, or with everybody, not with both", async () => {
    const mneme = await newTenant("one audience");
    const both = mneme.scope({ teamId: "sales", sharedWith: "project" });
    await expect(both.search("anything")).rejects.toThrow(InvalidArgumentError);
  });
});

async function ownKeyId(mneme: Mneme): Promise<string> {
  const [key] = await mneme.apiKeys.list().toArray();
  if (!key) throw new Error("a tenant has a key");
  return key.id;
}
