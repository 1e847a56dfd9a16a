import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Mneme } from "@mneme/sdk";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PageFunctions, Protocol } from "../harness/browser/page.ts";
import { bundlePage, type PageServer, servePage } from "../harness/browser/page-server.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";

const PROTOCOLS: readonly Protocol[] = ["sdk", "Connect", "Connect in JSON", "gRPC-web", "gRPC-web in JSON"];

/** Nothing of what a browser likes to fetch by itself. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

type PageWindow = typeof globalThis & { readonly mnemePage: PageFunctions };

describe("from a browser", () => {
  let allowed: PageServer;
  let other: PageServer;
  let minted: string[];
  let signedIn: string;
  let stack: OwnStack;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    const script = await bundlePage();
    minted = [];
    [allowed, other] = [await servePage(script, mint), await servePage(script)];
    stack = await startOwnStack("browser", { MNEME_CORS_ORIGINS: allowed.origin });
    const executablePath = process.env.MNEME_CHROMIUM ?? "";
    const libraries = { LD_LIBRARY_PATH: join(dirname(executablePath), "lib") };
    browser = await chromium.launch({ executablePath, args: QUIET, env: { ...process.env, ...libraries } });
    page = await browser.newPage();
    await page.goto(allowed.origin);
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await stack?.[Symbol.asyncDispose]();
    await allowed?.[Symbol.asyncDispose]();
    await other?.[Symbol.asyncDispose]();
  }, 120_000);

  /** What the application's server does for whoever is signed in: the key stays there. */
  async function mint(): Promise<string> {
    await using mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
    const { token } = await mneme.userTokens.mint({ userId: signedIn, permissions: ["read", "write"] });
    minted.push(signedIn);
    return token;
  }

  const roundTrip = (where: Page, protocol: Protocol) =>
    where.evaluate(([url, key, name]) => (globalThis as PageWindow).mnemePage.roundTrip(url, key, name), [
      stack.processes.api.url,
      stack.tenant.apiKey,
      protocol,
    ] as const);

  it.each(PROTOCOLS)("%s: adds, follows, finds, and reads an error's details", async (protocol) => {
    const result = await roundTrip(page, protocol);
    expect(result.states.at(-1)).toBe("searchable");
    expect(result.found).toEqual(["I fold paper cranes — 折り鶴."]);
    expect(result.failure).toEqual({
      kind: "invalid_argument",
      reason: "FIELD_INVALID",
      fields: ["limit"],
    });
  });

  it.each(PROTOCOLS)("%s: leaves a watch, and the server ends it", async (protocol) => {
    await using mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
    const added = await mneme.user("left").add(`I bind books by ${protocol}.`, { waitFor: "searchable" });
    const { extractionId } = added;
    await stack.record.admin.query("update mneme.extractions set state = 'running' where id = $1", [
      extractionId,
    ]);
    const { apiKey, secret = "" } = await mneme.apiKeys.create(`leaves by ${protocol}`, {
      roles: ["reader"],
    });
    const states = await page.evaluate(
      ([url, key, name, id]) => (globalThis as PageWindow).mnemePage.leave(url, key, name, id),
      [stack.processes.api.url, secret, protocol, extractionId] as const,
    );
    expect(states).toEqual(["running"]);
    await expect.poll(() => watchesLeftBy(apiKey.id), { timeout: 30_000 }).toBe(1);
  });

  async function watchesLeftBy(apiKeyId: string): Promise<number> {
    const lines = (await readFile(join(stack.logFolder, "api.log"), "utf8")).split("\n");
    const isOne = (line: string) =>
      ['"WatchExtraction"', '"canceled"', apiKeyId].every((part) => line.includes(part));
    return lines.filter(isOne).length;
  }

  it("adds and finds by a user's token what is that user's, and nobody else's", async () => {
    const asUser = async (userId: string, text: string, stranger: string) => {
      signedIn = userId;
      await page.goto(allowed.origin);
      const args = [stack.processes.api.url, text, stranger] as const;
      return page.evaluate(
        ([url, said, id]) => (globalThis as PageWindow).mnemePage.asUser(url, said, id),
        args,
      );
    };
    const refused = ["USER_TOKEN_SCOPE", "USER_TOKEN_SCOPE"];
    const ivy = await asUser("ivy", "Ivy folds paper boats.", "jo");
    expect(ivy).toEqual({ found: ["Ivy folds paper boats."], refused });
    const jo = await asUser("jo", "Jo folds paper hats.", "ivy");
    expect(jo).toEqual({ found: ["Jo folds paper hats."], refused });
    expect(minted).toEqual(["ivy", "jo"]);
  });

  it("is kept out where its origin is not allowed", async () => {
    await using stranger = await browser.newPage();
    await stranger.goto(other.origin);
    for (const protocol of PROTOCOLS) {
      await expect(roundTrip(stranger, protocol)).rejects.toThrow(/unavailable|fetch/i);
    }
  });
});
