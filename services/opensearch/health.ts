import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { INDICES_AT_ONCE } from "./template.ts";

export interface IndexHealth {
  /** The worst of the indices' of all pools. */
  readonly status: "green" | "yellow" | "red";
  readonly generations: readonly IndexGeneration[];
}

const WORST_FIRST = ["red", "yellow", "green"] as const;

/** Health of these indices; red where there is none. */
export async function readHealth(
  client: IndexClient,
  generations: readonly IndexGeneration[],
  signal?: AbortSignal,
): Promise<IndexHealth> {
  const found = new Set<IndexHealth["status"]>();
  for (let start = 0; start < generations.length; start += INDICES_AT_ONCE) {
    const indices = generations.slice(start, start + INDICES_AT_ONCE).map((each) => each.index);
    const answer = await client.send<EngineError & { status?: IndexHealth["status"] }>({
      method: "GET",
      path: `/_cluster/health/${indices.join()}`,
      query: { filter_path: "status" },
      signal,
    });
    if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
    found.add(answer.body.status ?? "red");
  }
  return { status: WORST_FIRST.find((status) => found.has(status)) ?? "red", generations };
}
