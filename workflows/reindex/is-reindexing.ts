import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import { reindexWorkflowId } from "../contract.ts";

const DEADLINE_MS = 5_000;
/** A run that was terminated does not tell its activity, which learns it from its next heartbeat. */
const LINGER_MS = 60_000;

/** True while a reindex of the pool runs, and a while after: an activity of it may not have heard of its end. */
export async function isReindexing(client: Client, pool: string, lingerMs = LINGER_MS): Promise<boolean> {
  const handle = client.workflow.getHandle(reindexWorkflowId(pool));
  try {
    const { closeTime } = await client.withDeadline(Date.now() + DEADLINE_MS, () => handle.describe());
    return closeTime === undefined || Date.now() - closeTime.getTime() < lingerMs;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
