import { setTimeout as pause } from "node:timers/promises";
import { MnemeError } from "@mneme/core/errors.ts";
import { Client, Connection } from "@temporalio/client";
import { readTemporalConfig } from "../config.ts";
import { MOVE_PROGRESS, type MoveProgress } from "../contract.ts";
import { temporalOptions } from "../temporal-tls.ts";
import { startMove } from "./start-move.ts";

/** `npm run move -- TENANT POOL`: starts the move of a tenant, or tells the one that runs, and shows how far it is. */
const [tenantId, pool] = process.argv.slice(2);
const say = (text: string) => process.stdout.write(`${text}\n`);

if (tenantId === undefined || pool === undefined) {
  say("usage: npm run move -- TENANT POOL, with a tenant's id and a shared pool's name, or own");
  process.exitCode = 2;
} else {
  await run(tenantId, pool);
}

async function run(tenant: string, to: string): Promise<void> {
  const config = readTemporalConfig();
  const connection = await Connection.connect(await temporalOptions(config));
  const client = new Client({ connection, namespace: config.temporalNamespace });
  const ended = new AbortController();
  try {
    const { workflowId } = await startMove(client, tenant, to, config);
    say(`Moving as workflow ${workflowId}`);
    const handle = client.workflow.getHandle(workflowId);
    const following = follow(() => handle.query<MoveProgress>(MOVE_PROGRESS), ended.signal);
    const result = handle.result().then(describe, () => {
      process.exitCode = 1;
      return `The move failed and left the tenant where it was; see workflow ${workflowId}`;
    });
    say(await result.finally(() => ended.abort()));
    await following;
  } catch (error) {
    if (!(error instanceof MnemeError)) throw error;
    say(error.message);
    process.exitCode = 2;
  } finally {
    await connection.close();
  }
}

async function follow(progressOf: () => Promise<MoveProgress>, signal: AbortSignal): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    // No worker may be there to answer; the move waits for one as well.
    const progress = await progressOf().catch(() => undefined);
    const text = progress ? describe(progress) : "waiting for a worker";
    if (text !== last && !signal.aborted) say(text);
    last = text;
    await pause(1_000, undefined, { signal }).catch(() => undefined);
  }
}

function describe({ phase, to, written, embedded, refused, removed }: MoveProgress): string {
  const parts = [`${phase}: ${written} documents to ${to}`];
  if (embedded > 0) parts.push(`${embedded} embedded anew`);
  if (refused > 0) parts.push(`${refused} REFUSED by the index`);
  if (removed > 0) parts.push(`${removed} removed from where it was`);
  return parts.join(", ");
}
