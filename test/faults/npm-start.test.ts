import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PORTS, ROOT } from "@mneme/local/config.ts";
import { startedAt } from "@mneme/local/pid-file.ts";
import type { RunFile } from "@mneme/local/summary.ts";
import { Mneme } from "@mneme/sdk";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

const DATA = join(ROOT, ".mneme-test", "npm-start");
const WAIT = { timeout: 240_000, interval: 100 };

let npm: ChildProcess;
let output = "";

/** A user's environment: nothing set but where this stack lies, and ports that are free. */
function environment(): NodeJS.ProcessEnv {
  const own = ["MNEME_CACHE_DIR", "MNEME_ENGINE_USER"];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(MNEME_|npm_)/i.test(name) || own.includes(name),
  );
  const ports = Object.values(PORTS).map(({ variable }) => [variable, "0"]);
  return { ...Object.fromEntries(inherited), ...Object.fromEntries(ports), MNEME_DATA_DIR: DATA };
}

function children(): ReadonlyMap<string, number> {
  const { children } = JSON.parse(readFileSync(join(DATA, "processes.json"), "utf8")) as {
    readonly children: readonly { readonly name: string; readonly pid: number }[];
  };
  return new Map(children.map(({ name, pid }) => [name, pid]));
}

const run = () => JSON.parse(readFileSync(join(DATA, "run.json"), "utf8")) as RunFile;
const connect = () => new Mneme({ url: run().url, apiKey: run().key, timeoutMs: 60_000 });

beforeAll(async () => {
  npm = spawn("npm", ["start"], { cwd: ROOT, env: environment(), detached: true });
  for (const stream of [npm.stdout, npm.stderr]) stream?.on("data", (data) => (output += data));
  await vi.waitFor(() => expect(output).toContain("Mneme is up"), WAIT);
}, 300_000);
afterAll(async () => {
  if (npm.exitCode !== null || npm.signalCode !== null) return;
  npm.kill("SIGKILL");
  await vi.waitFor(() => expect(existsSync(join(DATA, "processes.json"))).toBe(false), WAIT);
}, 300_000);

it("prints an address at which a search in JSON is answered", async () => {
  const address = /^ +REST +(\S+)/m.exec(output)?.[1] ?? "";
  const key = /^ +Key +(\S+)/m.exec(output)?.[1] ?? "";
  const response = await fetch(address, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ scope: { userId: "nobody" }, query: "Where does nobody live?" }),
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ timings: { totalMs: expect.any(Number) } });
});

it("keeps a key of the operator beside the tenant's", async () => {
  const { url, operatorApiKey, tenantId } = run();
  const response = await fetch(`${url}/mneme.operator.v1.OperatorService/GetTenant`, {
    method: "POST",
    headers: { authorization: `Bearer ${operatorApiKey}`, "content-type": "application/json" },
    body: JSON.stringify({ tenantId }),
  });
  expect(await response.json()).toMatchObject({ tenant: { tenantId, name: "development" } });
  expect(output).not.toContain(operatorApiKey);
});

it("prints how PostgreSQL is reached, with the password in a file of its owner's", async () => {
  const file = /^ +psql "\$\(cat (\S+)\)"$/m.exec(output)?.[1] ?? "";
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const url = readFileSync(file, "utf8");
  expect(output).not.toContain(new URL(url).password);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "select count(*)::int as tables from pg_tables where schemaname = 'mneme'",
  );
  await client.end();
  expect(rows[0]?.tables).toBeGreaterThan(5);
});

it.each(["api", "worker", "Temporal", "OpenSearch", "PostgreSQL"])(
  "starts %s again when it is killed, and the work goes on",
  async (name) => {
    await using mneme = connect();
    // The folder stays from run to run: somebody who was in none before.
    const person = mneme.user(`killed-${name}-${randomUUID()}`);
    const killed = children().get(name) ?? 0;
    process.kill(killed, "SIGKILL");
    await vi.waitFor(() => expect(output).toContain(`${name} runs again.`), WAIT);
    expect(output).toContain(`${name} died (signal SIGKILL); starting it again.`);
    expect(children().get(name)).not.toBe(killed);
    const { hits } = await person.search("Where are the otters?", {
      atLeastAsFresh: await person.add("I keep otters in Bergen.", { name: "Sol" }),
    });
    expect(hits.map(({ memory }) => memory.text).join()).toContain("Bergen");
  },
  300_000,
);

it("stops everything when npm alone is interrupted", async () => {
  const pids = [run().pid, ...children().values()];
  expect(pids).toHaveLength(6);
  npm.kill("SIGINT");
  await once(npm, "exit");
  expect(pids.filter((pid) => startedAt(pid) !== "")).toEqual([]);
  for (const file of ["run.json", "secrets/postgres-url"]) expect(existsSync(join(DATA, file))).toBe(false);
  expect(output).toContain("Stopping.");
}, 120_000);
