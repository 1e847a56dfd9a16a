import { glob } from "node:fs/promises";
import { join } from "node:path";
import type { DescMethod, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { Code, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { PERMISSIONS_OF_USERS } from "@mneme/core/tenancy/user-tokens.ts";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { type Scope, ScopeSchema } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BEARER, startTestServer, type TestServer, USER_TOKEN } from "../testing/server.ts";
import { failureOfCall } from "../testing/wire-errors.ts";
import { permissionOf } from "./authentication.ts";

const AS_ADA = { headers: { authorization: `Bearer ${USER_TOKEN}` } };
const REFUSED = { code: "PermissionDenied", reason: "USER_TOKEN_SCOPE" };

let server: TestServer;
let seen: (Partial<Scope> | undefined)[];
const note = (scope: Scope | undefined) => {
  const { userId, agentId, teamId, sessionId } = scope ?? {};
  seen.push(scope && JSON.parse(JSON.stringify({ userId, agentId, teamId, sessionId })));
};
const scope = (members: Partial<Scope>) => ({
  userId: "",
  agentId: "",
  teamId: "",
  sessionId: "",
  ...members,
});

beforeAll(async () => {
  server = await startTestServer({
    search: {
      search(request) {
        note(request.scope);
        return {};
      },
    },
    memory: {
      async importMemories(requests) {
        for await (const request of requests) note(request.scope);
        return {};
      },
    },
  });
});
beforeEach(() => {
  seen = [];
});
afterAll(() => server?.stop());

const client = <S extends DescService>(service: S, useBinaryFormat = true) =>
  createClient(service, createConnectTransport({ baseUrl: server.url, httpVersion: "2", useBinaryFormat }));

describe.each([
  ["binary", true],
  ["JSON", false],
])("a user's token, in %s", (_, binary) => {
  it("asks for its user, whether the scope says so or not", async () => {
    const { search } = client(SearchService, binary);
    for (const asked of [
      undefined,
      {},
      { userId: "ada" },
      { agentId: "bot", teamId: "t" },
      { sessionId: "s" },
    ])
      await search({ query: "q", ...(asked && { scope: asked }) }, AS_ADA);
    expect(seen).toEqual([
      scope({ userId: "ada" }),
      scope({ userId: "ada" }),
      scope({ userId: "ada" }),
      scope({ userId: "ada", agentId: "bot", teamId: "t" }),
      scope({ userId: "ada", sessionId: "s" }),
    ]);
  });

  it("can't ask for another, also not by what reads alike", async () => {
    const { search } = client(SearchService, binary);
    for (const userId of ["bo", "Ada", "ada ", " ada", "a\u0064a\u200b", "*", "ada,bo"])
      expect(await failureOfCall(search({ query: "q", scope: { userId } }, AS_ADA))).toMatchObject(REFUSED);
    expect(seen).toEqual([]);
  });

  it("can't in a later message of a stream, where what has no scope is of the one before", async () => {
    const { importMemories } = client(MemoryService, binary);
    const memory = { text: "I like tea." };
    const send = (scopes: readonly (MessageInitShape<typeof ScopeSchema> | undefined)[]) =>
      importMemories(
        (async function* () {
          for (const one of scopes) yield { memory, ...(one && { scope: one }) };
        })(),
        AS_ADA,
      );
    await send([undefined, { agentId: "bot" }, undefined]);
    expect(seen).toEqual([scope({ userId: "ada" }), scope({ userId: "ada", agentId: "bot" }), undefined]);
    expect(await failureOfCall(send([undefined, { userId: "bo" }]))).toMatchObject(REFUSED);
    expect(await failureOfCall(send([{ userId: "bo" }]))).toMatchObject(REFUSED);
  });
});

it("leaves a key's scopes as they are", async () => {
  const { search } = client(SearchService);
  await search({ query: "q", scope: { agentId: "bot" } }, { headers: BEARER });
  expect(seen).toEqual([scope({ agentId: "bot" })]);
  await expect(search({ query: "q" }, { headers: BEARER })).rejects.toMatchObject({
    code: Code.InvalidArgument,
  });
});

describe("over all services of the protos", () => {
  const all: DescMethod[] = [];
  beforeAll(async () => {
    const folder = join(import.meta.dirname, "../../../proto/gen/mneme");
    for await (const file of glob("*/v1/*_service_pb.js", { cwd: folder })) {
      const module = (await import(join(folder, file))) as Record<string, DescService>;
      for (const described of Object.values(module))
        if (described.kind === "service") all.push(...described.methods);
    }
  });

  const ofUsers = new Set<string>(Object.values(PERMISSIONS_OF_USERS).flat());
  const reached = () => all.filter((method) => ofUsers.has(permissionOf(method) ?? ""));

  it("reaches memories, what is made of them, extractions and sessions alone", () => {
    expect(all.length).toBeGreaterThan(40);
    const packages = new Set(reached().map(({ parent }) => parent.typeName.split(".")[1]));
    expect([...packages].sort()).toEqual([
      "consolidation",
      "extraction",
      "feedback",
      "graph",
      "memory",
      "search",
      "session",
    ]);
  });

  // What is found by anything else than a scope or ids that the record fences must be looked at anew.
  it("asks there by a scope, or by ids of what belongs to a person", () => {
    const ids = ["memory_id", "memory_ids", "extraction_id", "consolidation_id"];
    const byId = new Set([...ids, "update", "updates"]);
    const strange = reached().filter(
      ({ input }) =>
        !input.fields.some(
          ({ name, message }) => message?.typeName === ScopeSchema.typeName || byId.has(name),
        ),
    );
    expect(strange.map(({ name }) => name)).toEqual([]);
  });
});
