import type { DescMethod } from "@bufbuild/protobuf";
import { beforeAll, describe, expect, it } from "vitest";
import { provisionSharedOperator, sharedStack } from "../harness/shared-stack.ts";
import { type CallOptions, call, type Json, type JsonObject, looksOf, type Outcome } from "./harness/call.ts";
import { nameOf, servedMethods } from "./harness/served.ts";
import { callerOf, first, makeWorld, type Names, nobody, type World } from "./harness/world.ts";
import { PROBES, type Probe, RESERVED_FILTERS } from "./probes.ts";

/** Who holds credentials, and none of what is asked for. */
interface Stranger {
  readonly secret: string;
  readonly names: Names;
}

let methods: readonly DescMethod[];
/** Whose owner does everything that it may. */
let spent: World;
/** Whose data is asked for by strangers, and by its owner only to see that it is all there. */
let theirs: World;
let stranger: Stranger;
let operatorSecret: string;
const { url } = sharedStack();

const served = await servedMethods(url);
const cases = Object.entries(PROBES)
  .flatMap(([name, probe]) => {
    const method = served.find((one) => nameOf(one) === name);
    return method ? [{ name, method, probe }] : [];
  })
  .sort((a, b) => Number(a.probe.isLast ?? false) - Number(b.probe.isLast ?? false));

beforeAll(async () => {
  methods = served;
  spent = await makeWorld(methods);
  theirs = await makeWorld(methods);
  stranger = await makeWorld(methods);
  operatorSecret = await provisionSharedOperator();
});

const requestsOf = (probe: Probe, names: Names): readonly JsonObject[] =>
  [probe.request(names)].flat() as JsonObject[];
const ask = (method: DescMethod, probe: Probe, names: Names, secret: string, options?: CallOptions) =>
  call(url, method, secret, requestsOf(probe, names), options);

/** What must never be seen by a stranger. */
function tells(outcome: Outcome, names: Names, sent: readonly JsonObject[]): string[] {
  const said = JSON.stringify(sent);
  // What a stranger said may come back to it: it knew that.
  return [...new Set(Object.values(names))].filter(
    (value) => outcome.raw.includes(value) && !said.includes(value),
  );
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
    const own = probe.shows === "marker" ? [marker] : [tenantId, projectId, apiKeyId, memoryId, extractionId];
    if (probe.shows) expect(own.some((one) => JSON.stringify(outcome.answers).includes(one))).toBe(true);
  });

  it("tells a stranger of what is there no more than of what is not", async () => {
    const outcome = await ask(method, probe, theirs.names, stranger.secret);
    const control = await ask(method, probe, nobody(theirs.names), stranger.secret);
    expect(looksOf(outcome)).toEqual(looksOf(control));
    expect(tells(outcome, theirs.names, requestsOf(probe, theirs.names))).toEqual([]);
    expect(outcome.code).not.toBe("internal");
  });

  it("takes every name of somebody else's, a pattern or a script for what it is: nobody's", async () => {
    const hostile = [
      "*",
      "_all",
      `mneme-t-${theirs.names.tenantId}`,
      "mneme-memories-*",
      '{"script":{"source":"true"}}',
      "' or true --",
      theirs.names.tenantId,
      theirs.names.memoryId,
      theirs.names.userId,
    ];
    for (const request of requestsOf(probe, theirs.names)) {
      for (const leaf of leavesOf(request)) {
        for (const value of hostile) {
          const sent = replaced(request, leaf, value) as JsonObject;
          const outcome = await call(url, method, stranger.secret, [sent]);
          expect([leaf, value, outcome.code]).not.toEqual([leaf, value, "internal"]);
          expect([leaf, value, tells(outcome, theirs.names, [sent])]).toEqual([leaf, value, []]);
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
    const plain = await ask(method, probe, nobody(theirs.names), stranger.secret);
    for (const options of smuggled) {
      const outcome = await ask(method, probe, theirs.names, stranger.secret, options);
      expect(looksOf(outcome)).toEqual(looksOf(plain));
      expect(tells(outcome, theirs.names, requestsOf(probe, theirs.names))).toEqual([]);
    }
    const project = await ask(method, probe, theirs.names, stranger.secret, {
      headers: { "mneme-project": projectId },
    });
    const none = await ask(method, probe, theirs.names, stranger.secret, {
      headers: { "mneme-project": nobody(theirs.names).projectId },
    });
    expect(looksOf(project)).toEqual(looksOf(none));
    expect(project.reason).toBe("PROJECT_NOT_FOUND");
    const both = { authorization: `Bearer ${stranger.secret}, Bearer ${theirs.secret}` };
    const mixed = await ask(method, probe, theirs.names, stranger.secret, { headers: both });
    expect(mixed.code).toBe("unauthenticated");
  });
});

it.each(RESERVED_FILTERS)("a filter for %j finds nothing, and nothing of others", async (filter) => {
  const method = served.find((one) => nameOf(one) === "mneme.search.v1.SearchService/Search") as DescMethod;
  for (const world of [stranger, theirs]) {
    const scope = { userId: world.names.userId };
    const outcome = await call(url, method, stranger.secret, [{ scope, query: "bees", filter }]);
    expect([outcome.code, (outcome.answers[0] as JsonObject).hits ?? []]).toEqual(["ok", []]);
  }
});

it("a token of one tenant is broken in another, and in another list", async () => {
  const api = callerOf(served, stranger.secret);
  const { userId } = stranger.names;
  const list = "mneme.memory.v1.MemoryService/ListMemories";
  for (const pageToken of [theirs.names.memoriesPage, stranger.names.extractionsPage]) {
    const outcome = await api(list, { scope: { userId }, pageSize: 1, pageToken });
    expect(outcome.reason).toBe("PAGE_TOKEN_INVALID");
  }
  const search = "mneme.search.v1.SearchService/Search";
  const stale = await api(search, {
    scope: { userId },
    query: "bees",
    atLeastAsFresh: theirs.names.freshness,
  });
  expect(stale.reason).toBe("FRESHNESS_TOKEN_INVALID");
});

it("leaves what strangers asked for as it was", async () => {
  const api = callerOf(served, theirs.secret);
  const { userId, marker, memoryId } = theirs.names;
  const listed = first(await api("mneme.memory.v1.MemoryService/ListMemories", { scope: { userId } }));
  const memories = listed.memories as unknown as readonly { id: string; version: number; text: string }[];
  expect(memories.map(({ text }) => text).sort()).toEqual(
    ["again", "keeps goats", "likes bees", "sails boats"].map((text) => `${marker} ${text}.`),
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
