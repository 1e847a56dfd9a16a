import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";

/** Whose documents; undefined members do not restrict. */
export interface CountScope {
  readonly tenantId: string;
  readonly projectId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly subjectEpoch?: number | undefined;
  readonly memoryIds?: readonly string[] | undefined;
}

/**
 * Counts documents (versions, superseded ones too) of one index, straight from it: what an alias or a
 * filter of time hides is counted as well.
 */
export async function countDocuments(
  client: IndexClient,
  generation: IndexGeneration,
  scope: CountScope,
  signal?: AbortSignal,
): Promise<number> {
  const answer = await client.send<EngineError & { count?: number }>({
    method: "POST",
    path: `/${generation.index}/_count`,
    query: { routing: scope.tenantId },
    body: { query: { bool: { filter: clauses(scope) } } },
    signal,
  });
  if (answer.status === 404) return 0;
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  return answer.body.count ?? 0;
}

function clauses(scope: CountScope): object[] {
  const terms = {
    tenant_id: scope.tenantId,
    project_id: scope.projectId,
    subject_id: scope.subjectId,
    subject_epoch: scope.subjectEpoch,
  };
  return [
    ...Object.entries(terms).flatMap(([field, value]) =>
      value === undefined ? [] : [{ term: { [field]: value } }],
    ),
    ...(scope.memoryIds === undefined ? [] : [{ terms: { memory_id: scope.memoryIds } }]),
  ];
}
