import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import * as sdk from "../node.ts";
import { KEY, MemoryServer } from "../test/memory-server.ts";
import { wireError } from "../test/wire-error.ts";
import { toMnemeError } from "./from-connect.ts";

const server = new MemoryServer();
const transport = createRouterTransport(server.routes);
const mneme = new sdk.Mneme({ apiKey: KEY, transport, retries: 0 });

describe("errors", () => {
  it.each([
    [Code.InvalidArgument, sdk.InvalidArgumentError],
    [Code.NotFound, sdk.NotFoundError],
    [Code.AlreadyExists, sdk.AlreadyExistsError],
    [Code.FailedPrecondition, sdk.FailedPreconditionError],
    [Code.Aborted, sdk.AbortedError],
    [Code.PermissionDenied, sdk.PermissionDeniedError],
    [Code.Unauthenticated, sdk.UnauthenticatedError],
    [Code.ResourceExhausted, sdk.ResourceExhaustedError],
    [Code.Unavailable, sdk.UnavailableError],
    [Code.DeadlineExceeded, sdk.DeadlineExceededError],
    [Code.Unimplemented, sdk.UnimplementedError],
    [Code.Internal, sdk.InternalError],
    [Code.Unknown, sdk.InternalError],
    [Code.DataLoss, sdk.InternalError],
    [Code.OutOfRange, sdk.InvalidArgumentError],
  ])("code %i has a class of its own", async (code, expected) => {
    server.failures.push(wireError("why", code, "SOME_REASON", { limit: "7" }, 250));
    const error = await mneme
      .user("ada")
      .search("x")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(expected);
    expect(error).toBeInstanceOf(sdk.MnemeError);
    expect(error).not.toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({
      name: expected.name,
      message: "why",
      reason: "SOME_REASON",
      metadata: { limit: "7" },
      retryAfterMs: 250,
      requestId: expect.stringMatching(/^req-\d+$/),
    });
  });

  it("names the fields that are wrong", async () => {
    const add = mneme.user("ada").add([{ text: "fine" }, { text: " " }]);
    await expect(add).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      fields: [{ field: "messages[1].text", description: "text must not be empty" }],
    });
  });

  it("names a call that got no answer, as it was sent", async () => {
    const before = server.calls.length;
    server.failures.push(new ConnectError("", Code.Unavailable));
    const error = await mneme
      .user("ada")
      .search("x")
      .catch((thrown: unknown) => thrown);
    expect(server.calls.at(before)?.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(error).toMatchObject({ message: "unavailable", requestId: expect.any(String) });
    const nobody = new sdk.Mneme({ url: "http://127.0.0.1:9", retries: 0 });
    await expect(nobody.user("ada").search("x")).rejects.toMatchObject({
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("says what is wrong with credentials", async () => {
    const stranger = new sdk.Mneme({ apiKey: "nobody", transport });
    await expect(stranger.memories.get("x")).rejects.toMatchObject({ reason: "CREDENTIALS_INVALID" });
  });

  it.each([
    ["scope.user_id", () => mneme.user("")],
    ["scope.session_id", () => mneme.user("ada").session("")],
    ["scope.team_id", () => mneme.scope({ teamId: "" })],
    ["url", () => new sdk.Mneme({ url: "localhost:7400" })],
  ])("refuses a bad %s before sending anything", (field, make) => {
    expect(make).toThrow(
      expect.objectContaining({ kind: "invalid_argument", fields: [expect.objectContaining({ field })] }),
    );
  });

  it.each([
    ["messages[0].role", () => mneme.user("ada").add([{ role: "robot" as sdk.Role, text: "x" }])],
    ["messages[0].sent_at", () => mneme.user("ada").add("x", { sentAt: new Date(Number.NaN) })],
    ["messages[0].text", () => mneme.user("ada").add([{ text: undefined as unknown as string }])],
    ['metadata["a"]', () => mneme.user("ada").add("x", { metadata: { a: null as unknown as string } })],
    ["ranking.recipe", () => mneme.user("ada").search("x", { ranking: { recipe: "best" as sdk.Recipe } })],
    ["update.update_mask", () => mneme.memories.update("id", {})],
    ["update.memory.origin", () => mneme.memories.update("id", { origin: "stated" } as sdk.MemoryPatch)],
  ])("rejects a bad %s before sending anything", async (field, call) => {
    const before = server.calls.length;
    await expect(call()).rejects.toMatchObject({ kind: "invalid_argument", fields: [{ field }] });
    expect(server.calls).toHaveLength(before);
  });

  it("reads Retry-After in seconds and as a date", () => {
    const seconds = new ConnectError("busy", Code.Unavailable, { "retry-after": "2" });
    expect(toMnemeError(seconds).retryAfterMs).toBe(2_000);
    const date = new Date(Date.now() + 5_000).toUTCString();
    const dated = toMnemeError(new ConnectError("busy", Code.Unavailable, { "retry-after": date }));
    expect(dated.retryAfterMs).toBeGreaterThan(3_000);
    expect(dated.retryAfterMs).toBeLessThanOrEqual(5_000);
  });

  it("takes a stream that was reset by nobody here for a broken connection", () => {
    expect(toMnemeError(new ConnectError("reset", Code.Canceled))).toBeInstanceOf(sdk.UnavailableError);
    const aborted = AbortSignal.abort(new Error("mine"));
    expect(toMnemeError(new ConnectError("reset", Code.Canceled), { signal: aborted })).toBeInstanceOf(
      sdk.CancelledError,
    );
  });

  it("keeps a mistake of the program's own what it is", () => {
    expect(toMnemeError(new TypeError("x is not a function"))).toBeInstanceOf(sdk.InternalError);
    expect(toMnemeError(new TypeError("fetch failed"))).toBeInstanceOf(sdk.UnavailableError);
  });

  it("never shows the key", async () => {
    const secret = new sdk.Mneme({ apiKey: "s3cret\u0000", url: "http://127.0.0.1:9", retries: 0 });
    const error = await secret
      .user("ada")
      .search("x")
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(sdk.UnauthenticatedError);
    expect(String((error as Error).stack) + JSON.stringify(error)).not.toContain("s3cret");
  });
});
