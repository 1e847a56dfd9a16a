import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import type { ExternalEngines } from "./config.ts";
import { postgresAnswers } from "./engines/postgres.ts";
import type { Control } from "./supervise.ts";

type Kind = "PostgreSQL" | "OpenSearch" | "Temporal";

const VARIABLES: Readonly<Record<Kind, string>> = {
  PostgreSQL: "MNEME_POSTGRES_URL",
  OpenSearch: "MNEME_OPENSEARCH_URL",
  Temporal: "MNEME_TEMPORAL_ADDRESS",
};

const PROBES: Readonly<Record<Kind, (external: ExternalEngines) => Promise<boolean>>> = {
  PostgreSQL: ({ postgresUrl = "", databaseTls }) => postgresAnswers(postgresUrl, databaseTls),
  OpenSearch: indexServes,
  Temporal: ({ temporalAddress = "" }) => listens(temporalAddress),
};

/**
 * An engine that runs elsewhere, once it answers.
 *
 * @param patienceMs how long that may take, in milliseconds.
 * @throws Error naming the variable that says where it runs, when it does not.
 */
export async function elsewhere(
  kind: Kind,
  external: ExternalEngines,
  patienceMs = 15_000,
): Promise<Control> {
  const deadline = Date.now() + patienceMs;
  while (!(await PROBES[kind](external).catch(() => false))) {
    if (Date.now() > deadline) {
      throw new Error(`${kind} does not answer where ${VARIABLES[kind]} says it runs.`);
    }
    await pause(250);
  }
  const refuse = async () => {
    throw new Error(`${kind} runs elsewhere: it can be neither stopped nor started from here.`);
  };
  return { external: true, kill: refuse, start: refuse };
}

async function indexServes(external: ExternalEngines): Promise<boolean> {
  const { opensearchUrl: node = "", opensearchTls: tls, opensearchAuth: auth } = external;
  await using client = createIndexClient({ node, tls, auth, retries: 0, timeoutMs: 2_000 });
  const { body } = await client.send<{ status: string }>({ method: "GET", path: "/_cluster/health" });
  // Yellow: every primary serves; a single node has nowhere to put replicas.
  return body.status === "green" || body.status === "yellow";
}

async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return await new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 7233) });
    socket.setTimeout(2000, () => socket.destroy());
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}
