import type { Client, WorkflowHandleWithFirstExecutionRunId } from "@temporalio/client";
import { type BatchInput, batchWorkflowId, workflowNames } from "../contract.ts";
import type { batch } from "./workflow.ts";

/** Has a batch read, unless that is under way. */
export function startBatch(
  client: Client,
  input: BatchInput,
  { taskQueue }: { readonly taskQueue: string },
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof batch>> {
  return client.workflow.start<typeof batch>(workflowNames.batch, {
    workflowId: batchWorkflowId(input.tenantId, input.batchId),
    workflowIdConflictPolicy: "USE_EXISTING",
    taskQueue,
    args: [input],
    priority: { fairnessKey: input.tenantId },
  });
}
