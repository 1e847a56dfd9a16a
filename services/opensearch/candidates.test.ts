import { randomUUID } from "node:crypto";
import type { CandidateQuery } from "@mneme/core/search/memory-index.ts";
import { describe, expect, it } from "vitest";
import { findNearest } from "./candidates.ts";
import type { IndexClient, IndexRequest } from "./client.ts";
import { candidateQuery, unitVector } from "./index-testing.ts";
import { multiSearch } from "./multi-search.ts";
import { tenantAlias } from "./tenant-alias.ts";

type Json = { readonly [key: string]: Json } | readonly Json[] | string | number | boolean | null;

const tenantId = randomUUID();
const FENCE = { term: { tenant_id: tenantId } };

/** Every member that a search can ask with. */
const EVERYTHING: Partial<CandidateQuery> = {
  vector: unitVector(0),
  keywords: "bees roof",
  entities: ["ada"],
  rare: ["k-100095", "zither"],
  newest: 5,
  within: [{ from: new Date("2026-03-01"), to: new Date("2026-03-02") }],
};

/** Each search of the body: its head, and its query. */
function searchesOf(lines: string): { readonly head: Json; readonly query: Json }[] {
  const parsed = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  return Array.from({ length: parsed.length / 2 }, (_, i) => {
    return { head: parsed[2 * i], query: parsed[2 * i + 1].query };
  });
}

/** Queries that pick documents by themselves: neighbours are picked before anything around them filters. */
function pickers(query: Json): Json[] {
  const found: Json[] = [query];
  const walk = (node: Json): void => {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "knn" && value !== (query as { knn?: Json }).knn) found.push({ knn: value });
      walk(value);
    }
  };
  walk(query);
  return found;
}

/** What must hold of whatever a query picks. */
function filterOf(query: Json): readonly Json[] {
  const { knn, bool } = query as { knn?: { vector: { filter: Json } }; bool?: { filter: readonly Json[] } };
  return knn ? filterOf(knn.vector.filter) : (bool?.filter ?? []);
}

describe("every sub-query of a search", () => {
  it("is routed to the tenant's alias, and repeats the tenant inside", () => {
    const { arms, lines } = multiSearch(candidateQuery(tenantId, EVERYTHING), new Date());
    const searches = searchesOf(lines);
    expect(arms).toEqual([
      "knn",
      "keywords",
      "entities",
      { rare: "k-100095" },
      { rare: "zither" },
      "newest",
      "knn",
      "keywords",
    ]);
    expect(searches).toHaveLength(arms.length);
    for (const { head, query } of searches) {
      expect(head).toMatchObject({ index: tenantAlias(tenantId), routing: tenantId });
      for (const picker of pickers(query)) expect(filterOf(picker)).toContainEqual(FENCE);
    }
  });

  it("does so as well where statements are compared with what is known", async () => {
    const sent: string[] = [];
    const client = {
      async send(request: IndexRequest) {
        sent.push(request.lines ?? "");
        return { status: 200, body: { responses: [] } };
      },
    } as Partial<IndexClient> as IndexClient;
    const { filter } = candidateQuery(tenantId);
    const queries = [0, 1].map((angle) => ({ filter, vector: unitVector(angle), k: 5 }));
    const options = {
      timeoutMs: 1_000,
      vectorField: "vector",
      model: Buffer.alloc(0),
      hasIndex: async () => true,
      onUnreadable: () => undefined,
    };
    await findNearest(client, queries, options);
    const searches = searchesOf(sent.join(""));
    expect(searches).toHaveLength(2);
    for (const { head, query } of searches) {
      expect(head).toMatchObject({ index: tenantAlias(tenantId), routing: tenantId });
      for (const picker of pickers(query)) expect(filterOf(picker)).toContainEqual(FENCE);
    }
  });

  it("is found out where it lacks the tenant", () => {
    const unfenced = {
      bool: { filter: [FENCE], should: [{ knn: { vector: { k: 5, filter: { bool: { filter: [] } } } } }] },
    };
    expect(pickers(unfenced).map((each) => filterOf(each).length)).toEqual([1, 0]);
  });
});
