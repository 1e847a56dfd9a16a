import { MnemeError } from "@mneme/core/errors.ts";
import { poolFor } from "@mneme/core/tenancy/placement.ts";
import type {
  Client,
  WorkflowHandleWithFirstExecutionRunId,
  WorkflowHandleWithSignaledRunId,
} from "@temporalio/client";
import { MOVE_TO, type MoveInput, moveWorkflowId, workflowNames } from "../contract.ts";
import type { move } from "./workflow.ts";

export interface StartMoveOptions {
  readonly taskQueue: string;
  /** As `MoveInput`. */
  readonly graceMs?: number;
}

const TENANT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Starts the move of a tenant to a pool. Where the tenant moves already, it goes on to this pool afterwards: repeating it
 * changes nothing.
 *
 * @param pool a shared pool's name, or `own` for an index of the tenant's own.
 * @throws MnemeError FIELD_INVALID for what is no tenant's id, or no pool that it may have.
 */
export async function startMove(
  client: Client,
  tenantId: string,
  pool: string,
  { taskQueue, graceMs }: StartMoveOptions,
): Promise<WorkflowHandleWithSignaledRunId<typeof move>> {
  if (!TENANT.test(tenantId)) throw notATenant();
  const to = poolFor(tenantId, pool);
  const input: MoveInput = { tenantId, to, graceMs };
  return client.workflow.signalWithStart<typeof move, [string]>(workflowNames.move, {
    workflowId: moveWorkflowId(tenantId),
    taskQueue,
    args: [input],
    signal: MOVE_TO,
    signalArgs: [to],
  });
}

/** Starts the move of a tenant to where the record has it wanted, unless it moves already. */
export async function resumeMove(
  client: Client,
  tenantId: string,
  { taskQueue }: Pick<StartMoveOptions, "taskQueue">,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof move>> {
  return client.workflow.start<typeof move>(workflowNames.move, {
    workflowId: moveWorkflowId(tenantId),
    workflowIdConflictPolicy: "USE_EXISTING",
    taskQueue,
    args: [{ tenantId, to: "" }],
  });
}

function notATenant(): MnemeError {
  const description = "give the id of a tenant: a UUID in lower case";
  return new MnemeError("invalid_argument", "FIELD_INVALID", `tenant_id: ${description}`, {
    fields: [{ field: "tenant_id", description }],
  });
}
