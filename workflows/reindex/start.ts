import { setTimeout as pause } from "node:timers/promises";
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from "@temporalio/client";
import { ApplicationFailure } from "@temporalio/common";
import { readTemporalConfig } from "../config.ts";
import {
  POOL_UNKNOWN,
  REINDEX_PROGRESS,
  type ReindexProgress,
  reindexWorkflowId,
  workflowNames,
} from "../contract.ts";
import { temporalOptions } from "../temporal-tls.ts";

/** `npm run reindex [-- POOL]`: starts a reindex, or finds the one that runs, and shows how far it is until it ends. */
const config = readTemporalConfig();
const connection = await Connection.connect(await temporalOptions(config));
const client = new Client({ connection, namespace: config.temporalNamespace });
const pool = process.argv[2] ?? config.indexPool;
const workflowId = reindexWorkflowId(pool);
const say = (text: string) => process.stdout.write(`${text}\n`);

try {
  await client.workflow.start(workflowNames.reindex, {
    workflowId,
    taskQueue: config.taskQueue,
    args: [{ pool }],
  });
  say(`Reindexing as workflow ${workflowId}`);
} catch (error) {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  say(`Workflow ${workflowId} runs already`);
}

const handle = client.workflow.getHandle(workflowId);
const ended = new AbortController();
const following = follow(ended.signal);
try {
  say(describe(await handle.result()));
} catch (error) {
  say(
    unknownPool(error) ??
      `The reindex failed and left the current index as it was; see workflow ${workflowId}`,
  );
  process.exitCode = 1;
} finally {
  ended.abort();
  await following;
  await connection.close();
}

async function follow(signal: AbortSignal): Promise<void> {
  let last = "";
  while (!signal.aborted) {
    // No worker may be there to answer; the reindex waits for one as well.
    const progress = await handle.query<ReindexProgress>(REINDEX_PROGRESS).catch(() => undefined);
    const text = progress ? describe(progress) : "waiting for a worker";
    if (text !== last && !signal.aborted) say(text);
    last = text;
    await pause(1_000, undefined, { signal }).catch(() => undefined);
  }
}

/** What a reindex of a pool that is not there failed with. */
function unknownPool(error: unknown): string | undefined {
  const cause = error instanceof WorkflowFailedError ? error.cause?.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === POOL_UNKNOWN ? cause.message : undefined;
}

function describe({ phase, generation, written, refused, embedded }: ReindexProgress): string {
  const parts = [`${phase}: generation ${generation}, ${written} documents`];
  if (embedded > 0) parts.push(`${embedded} embedded anew`);
  if (refused > 0) parts.push(`${refused} REFUSED by the index`);
  return parts.join(", ");
}
