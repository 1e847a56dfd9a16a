import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Authenticator, Known } from "@mneme/core/tenancy/authenticator.ts";
import { suspended } from "@mneme/core/tenancy/trusted-keys.ts";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { authenticator, BEARER, startTestServer, type TestServer } from "../testing/server.ts";
import { failureOfCall } from "../testing/wire-errors.ts";

const ID = "01890000-0000-7000-8000-000000000001";

let server: TestServer;
/** The import has come, and its first statement was read. */
let read: PromiseWithResolvers<void>;
let authenticate: Authenticator["authenticate"];

beforeAll(async () => {
  server = await startTestServer(
    {
      extraction: {
        async *watchExtraction() {
          yield { extraction: { id: ID } };
          await new Promise(() => {});
        },
      },
      memory: {
        getMemory: () => ({ memory: { id: ID } }),
        async importMemories(drafts) {
          for await (const _ of drafts) read.resolve();
          return {};
        },
      },
    },
    { authenticator: { authenticate: (credentials) => authenticate(credentials) } },
  );
});
afterAll(() => server.stop());
beforeEach(() => {
  authenticate = authenticator.authenticate;
  read = Promise.withResolvers();
});

const transport = () => createConnectTransport({ baseUrl: server.url, httpVersion: "2" });
const refused = (known: Known | undefined) => known && { ...known, refusal: suspended() };
const unavailable = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "down");

const NO_MORE: [string, Authenticator["authenticate"], { code: string; reason: string }][] = [
  ["revoked", async () => undefined, { code: "Unauthenticated", reason: "CREDENTIALS_INVALID" }],
  [
    "suspended",
    async (shown) => refused(await authenticator.authenticate(shown)),
    { code: "PermissionDenied", reason: "SUSPENDED" },
  ],
  [
    "of less than the stream needs",
    async (credentials) => {
      const known = await authenticator.authenticate(credentials);
      return known && { caller: { ...known.caller, permissions: new Set<string>() } };
    },
    { code: "PermissionDenied", reason: "PERMISSION_MISSING" },
  ],
];

test.each(NO_MORE)(
  "a stream to the client ends within a second of its key being %s",
  async (_, now, expected) => {
    const { watchExtraction } = createClient(ExtractionService, transport());
    const stream = watchExtraction({ extractionId: ID }, { headers: BEARER })[Symbol.asyncIterator]();
    expect((await stream.next()).done).toBe(false);
    const end = failureOfCall(stream.next());
    authenticate = now;
    const since = performance.now();
    expect(await end).toMatchObject(expected);
    expect(performance.now() - since).toBeLessThan(1_000);
  },
);

test("a stream from the client ends as well", async () => {
  async function* drafts() {
    yield { scope: { userId: "ada" }, memory: { text: "Ada sails." } };
    await new Promise(() => {});
  }
  const { importMemories } = createClient(MemoryService, transport());
  const end = failureOfCall(importMemories(drafts(), { headers: BEARER }));
  await read.promise;
  authenticate = async () => undefined;
  expect(await end).toMatchObject({ reason: "CREDENTIALS_INVALID" });
});

test("calls that are over cost no look", async () => {
  let asked = 0;
  authenticate = (credentials) => {
    asked += 1;
    return authenticator.authenticate(credentials);
  };
  const { getMemory } = createClient(MemoryService, transport());
  for (let i = 0; i < 50; i += 1) await getMemory({ memoryId: ID }, { headers: BEARER });
  const { watchExtraction } = createClient(ExtractionService, transport());
  const stream = watchExtraction({ extractionId: ID }, { headers: BEARER })[Symbol.asyncIterator]();
  await stream.next();
  // Its second look comes when the first one of all others would have.
  await expect.poll(() => asked, { timeout: 5_000 }).toBeGreaterThan(52);
  expect(asked).toBeLessThan(60);
});

test("a stream goes on while nobody can say whose key it is", async () => {
  let asked = 0;
  authenticate = (credentials) => {
    asked += 1;
    return asked === 1 ? authenticator.authenticate(credentials) : Promise.reject(unavailable);
  };
  const { watchExtraction } = createClient(ExtractionService, transport());
  const stream = watchExtraction({ extractionId: ID }, { headers: BEARER })[Symbol.asyncIterator]();
  await stream.next();
  let ended = false;
  stream.next().then(
    () => (ended = true),
    () => (ended = true),
  );
  await expect.poll(() => asked).toBeGreaterThan(3);
  expect(ended).toBe(false);
});
