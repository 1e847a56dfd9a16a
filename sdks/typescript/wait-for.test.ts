import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Code, createRouterTransport } from "@connectrpc/connect";
import { ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { beforeEach, describe, expect, it } from "vitest";
import {
  CancelledError,
  DeadlineExceededError,
  type Extraction,
  ExtractionFailedError,
  Mneme,
  type MnemeNodeOptions,
  NotFoundError,
} from "./node.ts";
import { HttpServer } from "./test/http-server.ts";
import { KEY, MemoryServer } from "./test/memory-server.ts";
import { wireError } from "./test/wire-error.ts";

describe("waitFor", () => {
  let server: MemoryServer;
  let mneme: Mneme;

  beforeEach(() => {
    server = new MemoryServer();
    mneme = new Mneme({ apiKey: KEY, transport: createRouterTransport(server.routes) });
  });

  const methods = () => server.calls.slice(1).map(({ method }) => method);

  it("follows the stream and tells every state", async () => {
    const added = await mneme.user("ada").add("x");
    const seen: (string | undefined)[] = [];
    const done = await mneme.waitFor(added, { onChange: ({ state }) => seen.push(state) });
    expect(done.state).toBe("searchable");
    expect(seen).toEqual(["queued", "running", "extracted", "searchable"]);
    expect(methods()).toEqual(["WatchExtraction"]);
  });

  it("can stop at extracted", async () => {
    const added = await mneme.user("ada").add("x");
    expect(await mneme.waitFor(added, { until: "extracted" })).toMatchObject({ state: "extracted" });
    expect(await mneme.waitFor(added.extractionId)).toMatchObject({ state: "searchable" });
  });

  it("opens the stream again when it breaks", async () => {
    server.brokenStreams.push(wireError("draining", Code.Unavailable, "DRAINING"));
    const added = await mneme.user("ada").add("x");
    expect(await mneme.waitFor(added)).toMatchObject({ state: "searchable" });
    expect(methods()).toEqual(["WatchExtraction", "WatchExtraction"]);
  });

  it("polls where streams bring nothing", async () => {
    const added = await mneme.user("ada").add("x");
    for (let i = 0; i < 2; i++)
      server.failures.push(wireError("no streams", Code.ResourceExhausted, "TOO_MANY_STREAMS"));
    expect(await mneme.waitFor(added)).toMatchObject({ state: "searchable" });
    expect(methods()).toEqual([
      "WatchExtraction",
      "WatchExtraction",
      "GetExtraction",
      "GetExtraction",
      "GetExtraction",
    ]);
  });

  it.each([
    [ExtractionState.FAILED, "failed"],
    [ExtractionState.DROPPED, "dropped"],
  ] as const)("throws when it ends in state %i", async (state, name) => {
    server.states = [ExtractionState.QUEUED, state];
    const added = await mneme.user("ada").add("x");
    const error = await mneme.waitFor(added).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ExtractionFailedError);
    expect((error as ExtractionFailedError).extraction.state).toBe(name);
  });

  it("revives a failed extraction", async () => {
    server.states = [ExtractionState.QUEUED, ExtractionState.FAILED];
    const added = await mneme.user("ada").add("x");
    await expect(mneme.waitFor(added)).rejects.toBeInstanceOf(ExtractionFailedError);
    expect(await mneme.extractions.list({ state: "failed" }).toArray()).toHaveLength(1);
    await mneme.extractions.retry(added.extractionId);
    server.states = [ExtractionState.QUEUED, ExtractionState.SEARCHABLE];
    expect(await mneme.waitFor(added)).toMatchObject({ state: "searchable" });
    await expect(mneme.extractions.retry(added.extractionId)).rejects.toMatchObject({
      reason: "EXTRACTION_NOT_FAILED",
    });
  });

  it("says so when the time is over", async () => {
    server.states = [];
    const added = await mneme.user("ada").add("x");
    const error = await mneme.waitFor(added, { timeoutMs: 50 }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DeadlineExceededError);
    expect((error as Error).message).toContain("the work goes on");
  });

  it("stops when it is cancelled", async () => {
    server.states = [];
    const added = await mneme.user("ada").add("x");
    const cancel = new AbortController();
    const wait = mneme.waitFor(added, { signal: cancel.signal, onChange: () => cancel.abort() });
    await expect(wait).rejects.toBeInstanceOf(CancelledError);
  });

  it("does not wait for what does not exist", async () => {
    await expect(mneme.waitFor("nothing")).rejects.toBeInstanceOf(NotFoundError);
  });

  it("waits for many, and stops all when one fails", async () => {
    const added = await Promise.all(
      Array.from({ length: 20 }, (_, index) => mneme.user("ada").add(`fact ${index}`)),
    );
    const done: Extraction[] = await mneme.waitFor(added);
    expect(done.map(({ id }) => id)).toEqual(added.map(({ extractionId }) => extractionId));
    await expect(mneme.waitFor([...added, "nothing"])).rejects.toBeInstanceOf(NotFoundError);
  });

  it("survives a server that is cut off in the middle", async () => {
    await using http = new HttpServer(server.routes);
    await using remote = new Mneme({ apiKey: KEY, url: await http.listen() });
    server.states = [ExtractionState.QUEUED, ExtractionState.RUNNING];
    const added = await remote.user("ada").add("x");
    let cuts = 0;
    const wait = remote.waitFor(added, {
      onChange: ({ state }) => {
        if (state !== "running" || cuts++ > 0) return;
        server.states = [ExtractionState.RUNNING, ExtractionState.SEARCHABLE];
        http.cut();
      },
    });
    expect(await wait).toMatchObject({ state: "searchable" });
  });

  it.each<MnemeNodeOptions>([{}, { protocol: "grpc" }, { httpVersion: "1.1" }])(
    "lets a program end that left a stream whose end had arrived unread: %j",
    async (options) => {
      server.states = [];
      const added = await mneme.user("ada").add("x");
      await using http = new HttpServer(server.routes, options.httpVersion);
      const settings = { ...options, apiKey: KEY, url: await http.listen() };
      const program = `
        const { Mneme } = await import(${JSON.stringify(import.meta.resolve("./node.ts"))});
        const mneme = new Mneme(${JSON.stringify(settings)});
        for await (const { state } of mneme.extractions.watch("${added.extractionId}")) {
          await mneme.status();
          console.log(state);
          break;
        }`;
      const args = ["--input-type=module", "-e", program];
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
      expect(stdout).toBe("queued\n");
    },
  );
});
