import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { createRouterTransport } from "@connectrpc/connect";
import {
  type MintUserTokenRequest,
  UserPermission,
  UserTokenService,
} from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { InvalidArgumentError, Mneme, type MnemeNodeOptions, UnauthenticatedError } from "./node.ts";
import { MemoryServer } from "./test/memory-server.ts";

describe("userTokens", () => {
  it("mints", async () => {
    const expireTime = new Date("2026-03-01T10:15:00Z");
    const seen: MintUserTokenRequest[] = [];
    const transport = createRouterTransport(({ service }) => {
      service(UserTokenService, {
        mintUserToken(request) {
          seen.push(request);
          return { token: "a.b.c", expireTime: timestampFromDate(expireTime) };
        },
      });
    });
    const { userTokens } = new Mneme({ apiKey: "mneme_key", transport });
    expect(await userTokens.mint({ userId: "ada" })).toEqual({ token: "a.b.c", expireTime });
    await userTokens.mint({ userId: "ada", permissions: ["read", "delete"], ttlSeconds: 60 });
    expect(seen).toMatchObject([
      { userId: "ada", permissions: [], ttlSeconds: 0 },
      { userId: "ada", permissions: [UserPermission.READ, UserPermission.DELETE], ttlSeconds: 60 },
    ]);
    await expect(userTokens.mint({ userId: "ada", permissions: ["all" as "read"] })).rejects.toThrow(
      "permissions[0]: must be one of read, write, delete",
    );
  });
});

describe("a client with a token", () => {
  let server: MemoryServer;
  let made: number;
  beforeEach(() => {
    server = new MemoryServer();
    made = 0;
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => void vi.useRealTimers());

  /** The clock of whoever made it is another. */
  const tokenOf = (seconds: number) => {
    const iat = 1_000_000;
    const payload = Buffer.from(JSON.stringify({ iat, exp: iat + seconds, jti: ++made })).toString(
      "base64url",
    );
    const token = `e30.${payload}.c2ln`;
    server.secrets.clear();
    server.secrets.add(token);
    return token;
  };
  const open = (options: MnemeNodeOptions) =>
    new Mneme({ transport: createRouterTransport(server.routes), retries: 0, ...options });

  it("asks for it once, and again shortly before it expires", async () => {
    const mneme = open({ token: async () => tokenOf(600) });
    const ada = mneme.user("ada");
    await Promise.all([ada.add("I like tea."), ada.list().toArray(), ada.search("tea")]);
    vi.advanceTimersByTime(560_000);
    await ada.search("tea");
    expect(made).toBe(1);
    vi.advanceTimersByTime(11_000);
    await Promise.all([ada.search("tea"), ada.list().toArray()]);
    expect(made).toBe(2);
  });

  it("asks for another where the server refuses it, once a call", async () => {
    const mneme = open({ token: async () => tokenOf(600) });
    const added = await mneme.user("ada").add("I like tea.");
    server.secrets.clear();
    expect((await mneme.user("ada").search("tea")).hits).toHaveLength(1);
    server.secrets.clear();
    const states: unknown[] = [];
    for await (const { state } of mneme.extractions.watch(added.extractionId)) states.push(state);
    expect(states).not.toEqual([]);
    expect(made).toBe(3);
    const unlucky = open({ token: () => "no.good.token" });
    const before = server.calls.length;
    await expect(unlucky.user("ada").search("tea")).rejects.toMatchObject({ reason: "CREDENTIALS_INVALID" });
    await expect(unlucky.extractions.watch(added.extractionId).next()).rejects.toBeInstanceOf(
      UnauthenticatedError,
    );
    expect(server.calls.length - before).toBe(4);
  });

  it("asks again where it could not be had", async () => {
    let isOut = true;
    const token = async () => {
      if (isOut) throw new TypeError("fetch failed");
      return tokenOf(600);
    };
    const mneme = open({ token });
    await expect(mneme.user("ada").search("tea")).rejects.toMatchObject({ kind: "unavailable" });
    isOut = false;
    await mneme.user("ada").search("tea");
    expect(made).toBe(1);
  });

  it("asks anew where no answer came for long, and keeps what came last", async () => {
    const answers: ((token: string) => void)[] = [];
    const mneme = open({ token: () => new Promise<string>((resolve) => answers.push(resolve)) });
    const ada = mneme.user("ada");
    const first = ada.search("tea");
    vi.advanceTimersByTime(29_000);
    const second = ada.search("tea");
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    vi.advanceTimersByTime(1_000);
    const third = ada.search("tea", { timeoutMs: 60_000 });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    const [early, late] = [tokenOf(600), tokenOf(600)];
    server.secrets.add(early);
    answers[1]?.(late);
    await third;
    answers[0]?.(early);
    await expect(Promise.all([first, second])).rejects.toMatchObject({ kind: "deadline_exceeded" });
    server.secrets.delete(early);
    await ada.search("tea");
    expect(answers).toHaveLength(2);
  });

  it("sends one that was given as it is, and leaves a scope without a user to the server", async () => {
    const mneme = open({ token: ` ${tokenOf(600)}\n` });
    await mneme.scope({}).add("I like tea.");
    server.secrets.clear();
    await expect(mneme.scope({}).search("tea")).rejects.toMatchObject({ reason: "CREDENTIALS_INVALID" });
    expect(server.calls).toHaveLength(2);
  });

  it("takes no key beside it", () => {
    expect(() => open({ token: "a.b.c", apiKey: "mneme_key" })).toThrow(InvalidArgumentError);
    vi.stubEnv("MNEME_API_KEY", "mneme_key");
    expect(() => open({ token: "a.b.c" })).not.toThrow();
    vi.unstubAllEnvs();
  });
});
