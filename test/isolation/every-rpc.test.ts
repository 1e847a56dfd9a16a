import type { DescMethod } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, it } from "vitest";
import { provisionSharedOperator, provisionSharedTenants, sharedStack } from "../harness/shared-stack.ts";
import { type CallOptions, call, type Json, type JsonObject, looksOf, type Outcome } from "./harness/call.ts";
import { nameOf, servedMethods } from "./harness/served.ts";
import { callerOf, first, makeWorld, type Names, nobody, type World } from "./harness/world.ts";
import { PROBES, type Probe, RESERVED_FILTERS } from "./probes.ts";

/** Whose owner does everything that it may. */
let spent: World;
/** Whose data is asked for by strangers, and by its owner only to see that it is all there. */
let theirs: World;
let operatorSecret: string;
const { url } = sharedStack();

const served = await servedMethods(url);
const cases = Object.entries(PROBES)
  .flatMap(([name, probe]) => {
    const method = served.find((one) => nameOf(one) === name);
    return method ? [{ name, method, probe }] : [];
  })
  .sort((a, b) => (a.probe.rank ?? 0) - (b.probe.rank ?? 0));

beforeAll(async () => {
  spent = await makeWorld(served);
  theirs = await makeWorld(served);
  operatorSecret = await provisionSharedOperator();
});

const strangers: string[] = [];
/** The key of a tenant that has done nothing yet: what a stranger asked for before would be its own. */
async function stranger(): Promise<string> {
  if (strangers.length === 0) {
    strangers.push(...(await provisionSharedTenants("stranger", 32)).map(({ apiKey }) => apiKey));
  }
  return strangers.pop() as string;
}

const requestsOf = (probe: Probe, names: Names): readonly JsonObject[] =>
  [probe.request(names)].flat() as JsonObject[];
const ask = (method: DescMethod, probe: Probe, names: Names, secret: string, options?: CallOptions) =>
  call(url, method, secret, requestsOf(probe, names), options);

const ID = /^[0-9a-f]{8}-/;
/** What of theirs an outcome shows: their word, or an id that the stranger has not sent with this call. */
function shown(outcome: Outcome, sent: readonly JsonObject[]): string[] {
  const said = JSON.stringify(sent);
  const ids = Object.values(theirs.names).filter((name) => ID.test(name) && !said.includes(name));
  return [theirs.word, theirs.secret, ...new Set(ids)].filter((value) => outcome.raw.includes(value));
}

it("tries every procedure that is served", () => {
  expect(served.map(nameOf).filter((name) => !PROBES[name])).toEqual([]);
  expect(served.length).toBeGreaterThan(20);
});

describe.each(cases)("$name", ({ method, probe }) => {
  it("serves its owner", async () => {
    const secret = probe.owner === "operator" ? operatorSecret : spent.secret;
    const outcome = await ask(method, probe, spent.names, secret);
    expect([outcome.code, outcome.message]).toEqual([probe.ownerCode?.[0] ?? "ok", expect.any(String)]);
    const { marker, tenantId, projectId, apiKeyId, memoryId, extractionId } = spent.names;
    const words = [marker, spent.word];
    const own = probe.shows === "words" ? words : [tenantId, projectId, apiKeyId, memoryId, extractionId];
    if (probe.shows) expect(own.some((one) => JSON.stringify(outcome.answers).includes(one))).toBe(true);
  });

  it("tells a stranger of what is there no more than of what is not", async () => {
    const outcome = await ask(method, probe, theirs.names, await stranger());
    const control = await ask(method, probe, nobody(theirs.names), await stranger());
    expect(looksOf(outcome)).toEqual(looksOf(control));
    expect(shown(outcome, requestsOf(probe, theirs.names))).toEqual([]);
    expect(outcome.code).not.toBe("internal");
  });

  it("takes every name of somebody else's, a pattern or a script for what it is: nobody's", async () => {
    const { tenantId, memoryId, userId } = theirs.names;
    const [plain, ofTenant, ofMemory] = [await stranger(), await stranger(), await stranger()];
    // What a stranger keeps under such a name it is shown again: whoever says one of their ids says no other one.
    const hostile = [
      ...["*", "_all", "mneme-memories-*", '{"script":{"source":"true"}}', "' or true --", userId].map(
        (value) => ({ value, secret: plain }),
      ),
      ...[tenantId, `mneme-t-${tenantId}`].map((value) => ({ value, secret: ofTenant })),
      { value: memoryId, secret: ofMemory },
    ];
    for (const request of requestsOf(probe, theirs.names)) {
      for (const leaf of leavesOf(request)) {
        const tried = hostile.map(async ({ value, secret }) => {
          const sent = replaced(request, leaf, value) as JsonObject;
          const outcome = await call(url, method, secret, [sent]);
          return { value, outcome, leaked: shown(outcome, [sent]) };
        });
        // At once: a stream that is let in ends only with its deadline.
        for (const { value, outcome, leaked } of await Promise.all(tried)) {
          expect([leaf, value, outcome.code]).not.toEqual([leaf, value, "internal"]);
          expect([leaf, value, leaked]).toEqual([leaf, value, []]);
        }
      }
    }
  });

  it("believes no header, query or second credential that names somebody else", async () => {
    const { tenantId, projectId } = theirs.names;
    const smuggled: readonly CallOptions[] = [
      { headers: { "mneme-tenant": tenantId, "x-tenant-id": tenantId, "x-mneme-tenant-id": tenantId } },
      { headers: { "x-project-id": projectId, "x-forwarded-user": tenantId, cookie: `tenant=${tenantId}` } },
      { headers: { "x-api-key": theirs.secret, "proxy-authorization": `Bearer ${theirs.secret}` } },
      { query: `?tenant_id=${tenantId}&api_key=${theirs.secret}` },
    ];
    const plain = await ask(method, probe, nobody(theirs.names), await stranger());
    for (const options of smuggled) {
      const outcome = await ask(method, probe, theirs.names, await stranger(), options);
      expect(looksOf(outcome)).toEqual(looksOf(plain));
      expect(shown(outcome, requestsOf(probe, theirs.names))).toEqual([]);
    }
  });

  it("knows no project of another tenant, and takes no two credentials", async () => {
    const secret = await stranger();
    const inProject = (project: string) =>
      ask(method, probe, theirs.names, secret, { headers: { "mneme-project": project } });
    const project = await inProject(theirs.names.projectId);
    expect(looksOf(project)).toEqual(looksOf(await inProject(nobody(theirs.names).projectId)));
    expect(project.reason).toBe("PROJECT_NOT_FOUND");
    const both = { authorization: `Bearer ${secret}, Bearer ${theirs.secret}` };
    const mixed = await ask(method, probe, theirs.names, secret, { headers: both });
    expect(mixed.code).toBe("unauthenticated");
  });
});

it.each(RESERVED_FILTERS)("a filter for %j finds nothing, and nothing of others", async (filter) => {
  const method = served.find((one) => nameOf(one) === "mneme.search.v1.SearchService/Search") as DescMethod;
  for (const { names, secret } of [theirs, { ...theirs, secret: await stranger() }]) {
    const sent = { scope: { userId: names.userId }, query: "bees", filter };
    const outcome = await call(url, method, secret, [sent]);
    // Some names can't be asked for at all.
    expect(["ok", "invalid_argument"]).toContain(outcome.code);
    expect((outcome.answers[0] as JsonObject | undefined)?.hits ?? []).toEqual([]);
    expect(shown(outcome, [sent])).toEqual([]);
  }
});

it("a token of one tenant is broken in another, and in another list", async () => {
  const api = callerOf(served, await stranger());
  const own = callerOf(served, theirs.secret);
  const { userId, memoriesPage, extractionsPage, freshness } = theirs.names;
  const list = "mneme.memory.v1.MemoryService/ListMemories";
  const page = (pageToken: string) => ({ scope: { userId }, pageSize: 1, pageToken });
  expect((await own(list, page(memoriesPage))).code).toBe("ok");
  expect((await own(list, page(extractionsPage))).reason).toBe("PAGE_TOKEN_INVALID");
  expect((await api(list, page(memoriesPage))).reason).toBe("PAGE_TOKEN_INVALID");
  const search = "mneme.search.v1.SearchService/Search";
  const fresh = { scope: { userId }, query: "bees", atLeastAsFresh: freshness };
  expect((await own(search, fresh)).code).toBe("ok");
  expect((await api(search, fresh)).reason).toBe("FRESHNESS_TOKEN_INVALID");
});

it("leaves what strangers asked for as it was", async () => {
  const api = callerOf(served, theirs.secret);
  const { userId, memoryId } = theirs.names;
  const listed = first(await api("mneme.memory.v1.MemoryService/ListMemories", { scope: { userId } }));
  const memories = listed.memories as unknown as readonly { id: string; version: number; text: string }[];
  expect(memories.map(({ text }) => text).sort()).toEqual(
    ["again", "keeps goats", "likes bees", "sails boats"].map((text) => `${theirs.word} ${text}.`),
  );
  expect(memories.every(({ version }) => version === 1)).toBe(true);
  expect(memories.some(({ id }) => id === memoryId)).toBe(true);
});

type Path = readonly (string | number)[];

/** Where texts stand in a request. */
function leavesOf(value: Json, path: Path = []): Path[] {
  if (typeof value === "string") return [path];
  if (Array.isArray(value)) return value.flatMap((one, index) => leavesOf(one, [...path, index]));
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member as Json, [...path, name]));
}

function replaced(value: Json, [next, ...rest]: Path, by: string): Json {
  if (next === undefined) return by;
  if (Array.isArray(value))
    return value.map((one, index) => (index === next ? replaced(one, rest, by) : one));
  const object = value as JsonObject;
  return { ...object, [next]: replaced(object[next] as Json, rest, by) };
}
