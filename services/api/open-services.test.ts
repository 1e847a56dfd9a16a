import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { create, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient, type HandlerContext } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import {
  Health,
  HealthCheckResponse_ServingStatus as Status,
} from "@mneme/proto/grpc/health/v1/health_pb.js";
import {
  ServerReflection,
  ServerReflectionRequestSchema,
} from "@mneme/proto/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "@mneme/proto/grpc/reflection/v1alpha/reflection_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createReflection } from "./routes/reflection.ts";
import { startTestServer, type TestServer } from "./testing/server.ts";
import { failureOfCall } from "./testing/wire-errors.ts";

const run = promisify(execFile);
const SEARCH = "mneme.search.v1.SearchService";

let server: TestServer;
let databaseIsUp = true;

beforeAll(async () => {
  const check = () => (databaseIsUp ? Promise.resolve() : Promise.reject(new Error("down")));
  server = await startTestServer(
    { search: { search: ({ query }) => ({ tokens: query.length }) } },
    {
      probes: [
        { name: "database", required: true, check },
        { name: "index", required: false, check: () => Promise.reject(new Error("down")) },
      ],
    },
  );
});
afterAll(() => server.stop());

describe("health", () => {
  const health = () => createClient(Health, createGrpcTransport({ baseUrl: server.url }));

  test("answers without credentials, for the server and for each service", async () => {
    for (const service of ["", SEARCH, "grpc.health.v1.Health"]) {
      expect((await health().check({ service })).status).toBe(Status.SERVING);
    }
    const error = await failureOfCall(health().check({ service: "no.such.Service" }));
    expect(error).toMatchObject({ code: "NotFound", reason: "SERVICE_NOT_FOUND" });
  });

  test.each([
    ["Connect", createConnectTransport],
    ["gRPC", createGrpcTransport],
  ])("takes no message of anybody's that is larger than a name: %s", async (_, open) => {
    const tooLarge = {
      code: "ResourceExhausted",
      reason: "MESSAGE_TOO_LARGE",
      metadata: { limit_bytes: "65536" },
    };
    const compression = { sendCompression: compressionGzip, compressMinBytes: 0 };
    for (const options of [{}, compression]) {
      const { check } = createClient(Health, open({ baseUrl: server.url, httpVersion: "2", ...options }));
      expect(await failureOfCall(check({ service: "x".repeat(70_000) }))).toMatchObject(tooLarge);
      expect(await failureOfCall(check({ service: "x".repeat(60_000) }))).toMatchObject({ code: "NotFound" });
    }
  });

  test("watching tells every change", async () => {
    const abort = new AbortController();
    const seen: Status[] = [];
    const watching = (async () => {
      for await (const { status } of health().watch({ service: SEARCH }, { signal: abort.signal })) {
        seen.push(status);
      }
    })().catch(() => {});
    await vi.waitFor(() => expect(seen).toEqual([Status.SERVING]));
    databaseIsUp = false;
    await vi.waitFor(() => expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING]));
    databaseIsUp = true;
    await vi.waitFor(() => expect(seen).toHaveLength(3));
    abort.abort();
    await watching;
  });

  test("watching a service that is not there goes on", async () => {
    const abort = new AbortController();
    const watch = health().watch({ service: "no.such.Service" }, { signal: abort.signal });
    const first = await watch[Symbol.asyncIterator]().next();
    expect(first.value?.status).toBe(Status.SERVICE_UNKNOWN);
    abort.abort();
  });
});

describe("the port for probes", () => {
  test("lives, is ready, degraded without the index", async () => {
    expect((await fetch(`${server.metricsUrl}/live`)).status).toBe(200);
    await vi.waitFor(async () => {
      const response = await fetch(`${server.metricsUrl}/ready`);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ ready: true, parts: { database: "ok", index: "failed" } });
    });
  });

  test("is not ready without the database", async () => {
    databaseIsUp = false;
    await vi.waitFor(async () => expect((await fetch(`${server.metricsUrl}/ready`)).status).toBe(503));
    databaseIsUp = true;
    await vi.waitFor(async () => expect((await fetch(`${server.metricsUrl}/ready`)).status).toBe(200));
  });

  test("shows what Prometheus reads", async () => {
    const response = await fetch(`${server.metricsUrl}/metrics`);
    const text = await response.text();
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(text).toContain("mneme_api_request_duration_seconds_bucket");
    expect(text).toContain("nodejs_eventloop_lag_seconds");
    expect((await fetch(`${server.metricsUrl}/other`)).status).toBe(404);
  });
});

describe("reflection", () => {
  type Question = NonNullable<Parameters<ReturnType<typeof reflection>["serverReflectionInfo"]>[0]>;
  const reflection = () => createClient(ServerReflection, createGrpcTransport({ baseUrl: server.url }));

  async function ask(messageRequest: { case: string; value: unknown }) {
    const questions = (async function* () {
      yield { messageRequest };
    })() as unknown as Question;
    for await (const { messageResponse } of reflection().serverReflectionInfo(questions))
      return messageResponse;
    throw new Error("no answer");
  }

  async function filesFor(messageRequest: { case: string; value: unknown }): Promise<string[]> {
    const answer = await ask(messageRequest);
    if (answer.case !== "fileDescriptorResponse") throw new Error(`got ${answer.case}`);
    return answer.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
  }

  test("lists every service", async () => {
    const answer = await ask({ case: "listServices", value: "" });
    expect(answer.case === "listServicesResponse" && answer.value.service.map(({ name }) => name)).toEqual([
      "mneme.memory.v1.MemoryService",
      SEARCH,
      "mneme.extraction.v1.ExtractionService",
      "mneme.session.v1.SessionService",
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
    ]);
  });

  test.each([
    SEARCH,
    `${SEARCH}.Search`,
    "mneme.search.v1.SearchRequest",
    "mneme.search.v1.SearchRequest.query",
  ])("finds the file of %s with all it imports", async (value) => {
    const files = await filesFor({ case: "fileContainingSymbol", value });
    expect(files[0]).toBe("mneme/search/v1/search_service.proto");
    expect(files).toContain("buf/validate/validate.proto");
    expect(files).toContain("google/protobuf/timestamp.proto");
    expect(files).toContain("google/protobuf/descriptor.proto");
  });

  test("finds files by name, enum values and extensions", async () => {
    const value = "mneme/scope/v1/scope.proto";
    expect((await filesFor({ case: "fileByFilename", value }))[0]).toBe(value);
    expect((await filesFor({ case: "fileContainingSymbol", value: "mneme.search.v1.RECIPE_RRF" }))[0]).toBe(
      "mneme/search/v1/search.proto",
    );
    const extension = { containingType: "google.protobuf.MethodOptions", extensionNumber: 50701 };
    expect((await filesFor({ case: "fileContainingExtension", value: extension }))[0]).toBe(
      "mneme/options/v1/options.proto",
    );
    const numbers = await ask({ case: "allExtensionNumbersOfType", value: "google.protobuf.MethodOptions" });
    expect(numbers.case === "allExtensionNumbersResponse" && numbers.value.extensionNumber).toEqual([50701]);
  });

  test("says that there is no such thing", async () => {
    for (const question of ["fileByFilename", "fileContainingSymbol", "allExtensionNumbersOfType"]) {
      const answer = await ask({ case: question, value: "no.such.thing" });
      expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
    }
  });

  test("writes no file anew for another question", async () => {
    const { serverReflectionInfo } = createReflection([SearchService], []);
    const filesOf = async (value: string) => {
      const messageRequest = { case: "fileContainingSymbol" as const, value };
      const questions = (async function* () {
        yield create(ServerReflectionRequestSchema, { messageRequest });
      })();
      for await (const { messageResponse } of serverReflectionInfo(questions, {} as HandlerContext)) {
        if (messageResponse?.case !== "fileDescriptorResponse") break;
        return messageResponse.value.fileDescriptorProto ?? [];
      }
      throw new Error("no answer");
    };
    const first = await filesOf(SEARCH);
    const again = await filesOf(`${SEARCH}.Search`);
    expect(again.length).toBeGreaterThan(3);
    for (const [place, file] of again.entries()) expect(file).toBe(first[place]);
  });

  test("takes no question that is larger than a name", async () => {
    await expect(ask({ case: "fileByFilename", value: "x".repeat(70_000) })).rejects.toMatchObject({
      code: Code.ResourceExhausted,
    });
  });

  test("can be switched off, and health stays", async () => {
    const closed = await startTestServer({}, { reflection: false });
    try {
      const transport = createGrpcTransport({ baseUrl: closed.url });
      for (const service of [ServerReflection, ServerReflectionAlpha]) {
        const questions = (async function* () {
          yield { messageRequest: { case: "listServices" as const, value: "" } };
        })();
        const answers = createClient(service, transport).serverReflectionInfo(questions);
        expect(await failureOfCall(answers[Symbol.asyncIterator]().next())).toMatchObject({
          code: "Unimplemented",
        });
      }
      const { check } = createClient(Health, transport);
      expect((await check({ service: SEARCH })).status).toBe(Status.SERVING);
      const gone = failureOfCall(check({ service: ServerReflection.typeName }));
      expect(await gone).toMatchObject({ reason: "SERVICE_NOT_FOUND" });
    } finally {
      await closed.stop();
    }
  });

  test("v1alpha answers the same", async () => {
    const alpha = createClient(ServerReflectionAlpha, createGrpcTransport({ baseUrl: server.url }));
    const questions = (async function* () {
      yield { messageRequest: { case: "fileContainingSymbol" as const, value: SEARCH } };
    })();
    for await (const { messageResponse } of alpha.serverReflectionInfo(questions)) {
      expect(messageResponse.case).toBe("fileDescriptorResponse");
    }
  });

  test("needs no credentials, and other services still do", async () => {
    const { search } = createClient(
      SearchService,
      createConnectTransport({ baseUrl: server.url, httpVersion: "2" }),
    );
    expect((await failureOfCall(search({}))).reason).toBe("CREDENTIALS_MISSING");
  });
});

/** The test runner builds it and says where; on its own, a suite takes the one on PATH. */
describe("grpcurl", () => {
  const grpcurl = async (...args: string[]) => {
    const { stdout } = await run(process.env.MNEME_GRPCURL || "grpcurl", ["-plaintext", ...args]);
    return stdout;
  };
  const address = () => `127.0.0.1:${server.port}`;

  test("lists and describes", async () => {
    expect((await grpcurl(address(), "list")).split("\n")).toContain(SEARCH);
    expect(await grpcurl(address(), "list", SEARCH)).toContain(`${SEARCH}.GetContext`);
    expect(await grpcurl(address(), "describe", SEARCH)).toContain("rpc Search");
    expect(await grpcurl(address(), "describe", "mneme.memory.v1.Message")).toContain("tool_calls");
  });

  test("checks health", async () => {
    expect(await grpcurl(address(), "grpc.health.v1.Health/Check")).toContain("SERVING");
  });

  test("calls, and shows errors with their details", async () => {
    const call = (...args: string[]) => grpcurl(...args, address(), `${SEARCH}/Search`);
    const body = '{"scope":{"user_id":"ada"},"query":"hello"}';
    const key = ["-H", "authorization: Bearer mk_all-permissions"];
    expect(JSON.parse(await call(...key, "-d", body))).toEqual({ tokens: 5 });
    const refused = call(...key, "-d", '{"scope":{"user_id":"ada"}}').catch((error: Error) => error.message);
    expect(await refused).toMatch(
      /InvalidArgument[\s\S]*query: is required, unless most_recent is set[\s\S]*FIELD_INVALID/,
    );
  });
});
