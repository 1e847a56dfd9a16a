import { type TemporalPlace, temporalOptions } from "@mneme/workflows/temporal-tls.ts";
import { Connection, isGrpcServiceError } from "@temporalio/client";

const NOT_FOUND = 5;
const DEADLINE_MS = 5_000;

/**
 * Whether Temporal has a namespace.
 *
 * @throws Error when it does not answer, or says neither.
 */
export async function hasNamespace(place: TemporalPlace, namespace: string): Promise<boolean> {
  const options = await temporalOptions(place);
  const connection = await Connection.connect({ ...options, connectTimeout: DEADLINE_MS });
  try {
    await connection.withDeadline(Date.now() + DEADLINE_MS, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && error.code === NOT_FOUND) return false;
    throw error;
  } finally {
    await connection.close();
  }
}
