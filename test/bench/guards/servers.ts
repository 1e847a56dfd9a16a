import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "@mneme/local/config.ts";
import { freePort } from "@mneme/local/port.ts";
import { apiEnvironment } from "@mneme/local/process-environment.ts";
import { nodeArguments } from "@mneme/local/processes.ts";
import { runChild } from "@mneme/local/supervise.ts";
import type { BenchStack } from "../harness/bench-stack.ts";
import { administer, type Twins } from "./twins.ts";
import type { Variant } from "./variants.ts";

const HOST = "127.0.0.1";
const SERVER = join(import.meta.dirname, "server.ts");
const WITHOUT_AUDIT = pathToFileURL(join(import.meta.dirname, "without-audit.ts")).href;

/** A running api, and what a client of it needs. */
export interface VariantServer extends Variant {
  readonly url: string;
  readonly metricsUrl: string;
  readonly apiKey: string;
}

/** Starts an api in a process of its own, as the stack starts its one. Their supervisor stops it. */
export async function startVariant(
  stack: BenchStack,
  twins: Twins,
  variant: Variant,
): Promise<VariantServer> {
  const { name, off } = variant;
  const port = await freePort();
  const metricsPort = await freePort();
  const preload = off.includes("audit") ? ["--import", WITHOUT_AUDIT] : [];
  await runChild(stack.engines.supervisor, {
    name: `api ${name}`,
    command: process.execPath,
    args: [...nodeArguments("api"), ...preload, SERVER, ...off],
    env: apiEnvironment(stack.surroundings, HOST, port, metricsPort),
    cwd: ROOT,
    logFile: join(stack.dataDir, "logs", `api-${name.replaceAll(/\W+/g, "-")}.log`),
    stopSignal: "SIGTERM",
    stopMs: 30_000,
    ready: async (signal) => (await fetch(`http://${HOST}:${metricsPort}/ready`, { signal })).ok,
    readyMs: 180_000,
    showLog: "faults",
  });
  const { apiKey } = off.includes("encryption") ? twins.plain : twins.sealed;
  const metricsUrl = `http://${HOST}:${metricsPort}/metrics`;
  return { ...variant, url: `http://${HOST}:${port}`, metricsUrl, apiKey };
}

/**
 * Looks whether a variant has the guards that it is said to have, and no other.
 *
 * @throws Error when it has not.
 */
export async function checkGuards(stack: BenchStack, twins: Twins, server: VariantServer): Promise<void> {
  const first = await search(server, server.apiKey);
  const stranger = await search(server, "mk_nobody");
  const requestId = first.headers.get("x-request-id");
  const { tenantId } = server.off.includes("encryption") ? twins.plain : twins.sealed;
  const { rowCount } = await administer(stack, (admin) =>
    admin.query(
      `select from mneme.audit_inbox where tenant_id = $1 and request_id = $2
       union all select from mneme.audit_events where tenant_id = $1 and request_id = $2`,
      [tenantId, requestId],
    ),
  );
  const found = {
    authentication: stranger.status === 401,
    limits: first.headers.has("x-ratelimit-limit"),
    audit: rowCount !== 0,
    encryption: !(await readsPlainly(stack, tenantId)),
  };
  for (const [guard, isThere] of Object.entries(found)) {
    if (isThere === server.off.some((off) => off === guard)) {
      throw new Error(`${server.name}: ${guard} is ${isThere ? "on" : "off"}`);
    }
  }
}

function search({ url }: VariantServer, key: string): Promise<Response> {
  return fetch(`${url}/mneme.search.v1.SearchService/Search`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({ scope: { userId: "user-0" }, query: "Who bought a kayak?" }),
  });
}

/** Whether a memory's text lies open in the record. */
function readsPlainly(stack: BenchStack, tenantId: string): Promise<boolean> {
  return administer(stack, async (admin) => {
    const { rows } = await admin.query<{ text_ct: Buffer }>(
      "select text_ct from mneme.memory_versions where tenant_id = $1 limit 1",
      [tenantId],
    );
    return rows[0]?.text_ct.includes(" euros to ") ?? false;
  });
}
