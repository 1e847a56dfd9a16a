import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A client that knows our services by reflection only. */
describe("grpcurl", () => {
  const address = new URL(sharedStack().url).host;
  const program = process.env.MNEME_GRPCURL ?? "grpcurl";
  let key: string;
  beforeAll(async () => {
    key = (await provisionSharedTenant("grpcurl")).apiKey;
  });

  async function grpcurl(args: readonly string[], input = ""): Promise<Outcome> {
    const { exitCode = -1, stdout, stderr } = await execa(program, args, { input, reject: false });
    return { exitCode, stdout, stderr };
  }

  /** @param messages sent one after the other. */
  async function call(method: string, messages: readonly object[], flags: readonly string[] = []) {
    const outcome = await grpcurl(
      ["-plaintext", "-H", `authorization: Bearer ${key}`, ...flags, "-d", "@", address, method],
      messages.map((message) => JSON.stringify(message)).join("\n"),
    );
    return { ...outcome, answers: outcome.exitCode === 0 ? parseAll(outcome.stdout) : [] };
  }

  it("lists the services", async () => {
    const { stdout, exitCode } = await grpcurl(["-plaintext", address, "list"]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n")).toEqual(
      expect.arrayContaining([
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "mneme.extraction.v1.ExtractionService",
        "mneme.memory.v1.MemoryService",
        "mneme.search.v1.SearchService",
        "mneme.session.v1.SessionService",
      ]),
    );
    const methods = await grpcurl(["-plaintext", address, "list", "mneme.extraction.v1.ExtractionService"]);
    expect(methods.stdout.split("\n")).toContain("mneme.extraction.v1.ExtractionService.WatchExtraction");
  });

  it.each([
    ["mneme.memory.v1.MemoryService", "rpc ImportMemories ( stream .mneme.memory.v1.ImportMemoriesRequest )"],
    ["mneme.memory.v1.MemoryService.AddMessages", "rpc AddMessages ( .mneme.memory.v1.AddMessagesRequest )"],
    ["mneme.search.v1.SearchRequest", "string query = 2"],
    ["mneme.extraction.v1.ExtractionState", "EXTRACTION_STATE_SEARCHABLE = 4"],
  ])("describes %s", async (symbol, text) => {
    const { stdout, exitCode } = await grpcurl(["-plaintext", address, "describe", symbol]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(text);
  });

  it.each(["", "mneme.memory.v1.MemoryService"])(
    "asks for the health of '%s' without a key",
    async (service) => {
      const body = JSON.stringify({ service });
      const { stdout } = await grpcurl(["-plaintext", "-d", body, address, "grpc.health.v1.Health/Check"]);
      expect(JSON.parse(stdout)).toEqual({ status: "SERVING" });
    },
  );

  it("adds, follows, finds and imports", async () => {
    const scope = { userId: "oda" };
    const added = await call("mneme.memory.v1.MemoryService/AddMessages", [
      {
        scope,
        messages: [{ role: "ROLE_USER", name: "Oda", text: "I breed alpacas near Turku." }],
        waitFor: "WAIT_FOR_SEARCHABLE",
      },
    ]);
    const extractionId = added.answers[0]?.extractionId;
    expect(extractionId).toBeTruthy();
    const watched = await call("mneme.extraction.v1.ExtractionService/WatchExtraction", [{ extractionId }]);
    expect(watched.answers).toMatchObject([{ extraction: { state: "EXTRACTION_STATE_SEARCHABLE" } }]);
    const query = "Which animals does Oda breed?";
    const found = await call("mneme.search.v1.SearchService/Search", [{ scope, query }]);
    expect(found.stdout).toContain("alpacas");
    const imported = await call("mneme.memory.v1.MemoryService/ImportMemories", [
      { scope, memory: { text: "Oda sings alto." } },
      { memory: { text: "Oda sails a dinghy." } },
    ]);
    expect(imported.answers).toMatchObject([{ accepted: 2 }]);
  });

  it("shows an error with its details", async () => {
    const request = { scope: { userId: "oda" }, query: "alpacas", limit: -1 };
    const { exitCode, stderr } = await call("mneme.search.v1.SearchService/Search", [request]);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain("Code: InvalidArgument");
    expect(stderr).toMatch(/Message: limit: [^%]*\n/);
    expect(stderr).toMatch(/"@type":\s*"type\.googleapis\.com\/google\.rpc\.ErrorInfo"/);
    expect(stderr).toMatch(/"reason":\s*"FIELD_INVALID"/);
    expect(stderr).toMatch(/"field":\s*"limit"/);
    const anonymous = await grpcurl([
      "-plaintext",
      "-d",
      "{}",
      address,
      "mneme.search.v1.SearchService/Search",
    ]);
    expect(anonymous.stderr).toContain("CREDENTIALS_MISSING");
  });

  it("meets its own deadline", async () => {
    const request = { scope: { userId: "oda" }, query: "alpacas" };
    const { exitCode, stderr } = await call(
      "mneme.search.v1.SearchService/Search",
      [request],
      ["-max-time", "0.001"],
    );
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/DeadlineExceeded|deadline exceeded/i);
  });
});

/** JSON documents one after the other, as grpcurl writes a stream. */
function parseAll(text: string): Record<string, unknown>[] {
  return JSON.parse(`[${text.trim().replaceAll(/^\}\n\{$/gm, "},\n{")}]`);
}
