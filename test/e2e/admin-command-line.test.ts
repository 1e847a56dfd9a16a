import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run } from "@mneme/cli/run.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedOperator, sharedStack } from "../harness/shared-stack.ts";

/** That it takes no more than a second is shown elsewhere. */
const SOON = { timeout: 10_000, interval: 50 };

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Each step takes what the one before it made, as whoever sets a deployment up does. */
describe("administration from the command line", () => {
  let cwd: string;
  let operator: string;
  /** The tenant's keys, by what they are for. */
  const keys = { admin: "", writer: "", reader: "" };
  let tenantId = "";
  let writerId = "";

  beforeAll(async () => {
    operator = await provisionSharedOperator();
    cwd = await mkdtemp(join(tmpdir(), "mneme-admin-"));
  });
  afterAll(() => rm(cwd, { recursive: true, force: true }));

  async function mneme(key: string, args: readonly string[]): Promise<Ran> {
    let out = "";
    let err = "";
    const code = await run(args, {
      env: { MNEME_URL: sharedStack().url, MNEME_API_KEY: key, MNEME_OPERATOR_KEY: operator },
      cwd,
      stdin: Readable.from([]),
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      signal: AbortSignal.timeout(60_000),
    });
    return { code, out, err };
  }

  /** Standard output of a command that is done. */
  async function done(key: string, ...args: string[]): Promise<string> {
    const { code, out, err } = await mneme(key, args);
    expect(code, err).toBe(0);
    return out.trim();
  }

  const json = async (key: string, ...args: string[]) => JSON.parse(await done(key, ...args, "--json"));
  const refused = async (key: string, ...args: string[]) => {
    const { error } = JSON.parse((await mneme(key, [...args, "--json"])).err || '{"error": {}}');
    return error.reason;
  };
  const search = (key: string, ...about: string[]) => refused(key, "search", ...about, "What is planned?");

  it("makes a tenant, whose key makes others that may do less", async () => {
    const made = await json("", "admin", "tenant", "create", "acme", "--messages-per-day", "1000");
    tenantId = made.tenant.id;
    keys.admin = made.secret;
    expect(await done("", "admin", "tenant", "get", tenantId)).toMatch(/limits +messages per day 1000\n/);
    expect(await done("", "admin", "tenant", "list", "--limit", "10000")).toContain(tenantId);
    expect(await done(keys.admin, "admin", "tenant", "get")).toContain(tenantId);

    const writer = await json(keys.admin, "admin", "key", "create", "importer", "--role", "writer");
    keys.writer = writer.secret;
    writerId = writer.apiKey.id;
    keys.reader = await done(keys.admin, "admin", "key", "create", "dashboard", "--role", "reader");
    expect(keys.reader).toMatch(/^mneme_\S+$/);
    await done(keys.writer, "add", "--wait", "--user", "ada", "--name", "Ada", "I keep bees on the roof.");
    expect(await done(keys.reader, "search", "--user", "ada", "bees")).toContain("roof");
    expect(await refused(keys.reader, "add", "--user", "ada", "I row.")).toBe("PERMISSION_MISSING");
    expect(await refused(keys.writer, "admin", "key", "list")).toBe("PERMISSION_MISSING");
    expect(await refused(keys.admin, "admin", "key", "create", "boss", "--role", "operator")).toBe(
      "PERMISSION_MISSING",
    );
  });

  it("keeps what a project knows in it", async () => {
    const { id } = await json(keys.admin, "admin", "project", "create", "support");
    const [first = "", second = ""] = ["one", "two"].map((n) => `Ticket ${n} is planned for May.`);
    const add = ["add", "--no-infer", "--wait", "--user", "ada"];
    await done(keys.admin, ...add, first);
    await done(keys.admin, "--project", id, ...add, second);
    const found = await done(keys.admin, "--project", id, "list", "--user", "ada");
    expect([found.includes("Ticket two"), found.includes("Ticket one")]).toEqual([true, false]);
    const only = await done(
      keys.admin,
      "admin",
      "key",
      "create",
      "desk",
      "--role",
      "reader",
      "--project",
      id,
    );
    expect(await done(only, "list", "--user", "ada")).toContain("Ticket two");
    expect(await refused(only, "--project", tenantId, "list", "--user", "ada")).toBe("PROJECT_NOT_FOUND");
    await done(keys.admin, "admin", "project", "archive", id, "--yes");
    await expect.poll(() => search(only, "--user", "ada"), SOON).toBe("SUSPENDED");
    await done(keys.admin, "admin", "project", "restore", id);
    await expect.poll(() => search(only, "--user", "ada"), SOON).toBeUndefined();
  });

  it("opens a team's memory to whom a grant names", async () => {
    const about = ["--user", "ada", "--team", "sales"];
    const tell = ["add", "--no-infer", "--wait", ...about, "The fair in Porto is planned."];
    const found = (...scope: string[]) => done(keys.reader, "search", ...scope, "What is planned?");
    expect(await refused(keys.writer, ...tell)).toBe("TEAM_NOT_FOUND");
    await done(keys.admin, "admin", "team", "create", "sales", "--name", "Field sales");
    expect(await refused(keys.writer, ...tell)).toBe("TEAM_NOT_FOUND");
    const ada = ["--user", "ada", "--write", "--until", "2126-12-31"];
    const grant = await json(keys.admin, "admin", "grant", "create", "sales", ...ada);
    await done(keys.writer, ...tell);
    expect(await found(...about)).toContain("Porto");
    expect(await found("--user", "bo", "--team", "sales")).not.toContain("Porto");
    expect(await done(keys.admin, "admin", "grant", "list", "--team", "sales")).toContain("2126-12-31");
    await done(keys.admin, "admin", "grant", "delete", grant.id);
    expect(await found(...about)).not.toContain("Porto");
    await done(keys.admin, "admin", "team", "delete", "sales", "--yes");
    expect(await done(keys.admin, "admin", "team", "list")).toBe("No teams.");
  });

  it("sets what holds, one by one and from a file", async () => {
    const settings = ["admin", "settings"];
    await done(keys.admin, ...settings, "set", "ranking.recency", "linear");
    await writeFile(join(cwd, "settings.json"), '{"retention": {"memory_days": 30}, "graph_enabled": false}');
    await done(keys.admin, ...settings, "set", "-f", "settings.json");
    expect(await json(keys.admin, ...settings, "get")).toMatchObject({
      settings: { ranking: { recency: "linear" }, retention: { memoryDays: 30 }, graphEnabled: false },
    });
    const { defaultProjectId } = await json(keys.admin, "admin", "tenant", "get");
    const project = ["--project", defaultProjectId];
    await done(keys.admin, ...settings, "set", ...project, "ranking.recency", "off");
    expect(await done(keys.admin, ...settings, "get", ...project)).toMatch(/^ranking\.recency +off$/m);
    await done(keys.admin, ...settings, "clear", ...project, "ranking");
    expect(await json(keys.admin, ...settings, "get", ...project)).toMatchObject({
      settings: {},
      effectiveSettings: { ranking: { recency: "linear" } },
    });
    expect(await refused(keys.admin, ...settings, "set", "retention.memory_days", "0")).toBe("FIELD_INVALID");
  });

  it("rotates and revokes keys, and suspends the tenant", async () => {
    const about = ["--user", "ada"];
    const next = await done(keys.admin, "admin", "key", "rotate", writerId);
    expect(await search(next, ...about)).toBeUndefined();
    expect(await search(keys.writer, ...about)).toBeUndefined();
    await done(keys.admin, "admin", "key", "revoke", writerId, "--yes");
    await expect.poll(() => search(keys.writer, ...about), SOON).toBe("CREDENTIALS_INVALID");
    expect(await search(next, ...about)).toBeUndefined();
    const listed = await json(keys.admin, "admin", "key", "list", "--ended");
    expect(listed.apiKeys.find(({ id }: { id: string }) => id === writerId)).toHaveProperty("revokeTime");

    await done("", "admin", "tenant", "suspend", tenantId, "--yes");
    await expect.poll(() => search(next, ...about), SOON).toBe("SUSPENDED");
    await done("", "admin", "tenant", "resume", tenantId);
    await expect.poll(() => search(next, ...about), SOON).toBeUndefined();
    const saved = await done("", "admin", "tenant", "admin-key", tenantId);
    expect(await done(saved, "admin", "tenant", "get")).toContain(tenantId);
  });

  it("shows the tenant's key and its place, and mints for a user", async () => {
    expect(await done(keys.admin, "admin", "encryption", "show")).toMatch(
      /^state +active\n.*\nwrapped by +the deployment$/s,
    );
    expect(await done(keys.admin, "admin", "encryption", "rotate")).toMatch(/^version +2 of /m);
    expect(await done("", "admin", "tenant", "placement", tenantId)).toMatch(/^read from +\S+/);
    const token = await done(keys.admin, "admin", "token", "mint", "--user", "ada");
    expect(await done(token, "search", "--user", "ada", "bees")).toContain("roof");
    expect(await search(token, "--user", "bo")).toBe("USER_TOKEN_SCOPE");
    await done("", "admin", "signing-key", "rotate");
    expect(await done(token, "search", "--user", "ada", "bees")).toContain("roof");
  });
});
