import type { GraphStore } from "@mneme/core/graph/graph-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { openReader } from "../read-together.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { describeEntities } from "./describe.ts";
import { readBetween, readEdges, readMessages } from "./edges.ts";
import { listEntities } from "./entity-list.ts";
import { readGroups } from "./groups.ts";
import { mergeByHand, splitByHand } from "./merge-writes.ts";
import { visibleTo } from "./visible.ts";

/** The graph in the record. */
export function createGraphStore(database: Database): GraphStore {
  const write = (
    tenancy: Tenancy,
    request: WriteRequest,
    work: (transaction: TenantTransaction) => Promise<void>,
    signal: AbortSignal | undefined,
  ) =>
    transact(
      database,
      tenancy,
      async (transaction) => {
        if (!(await claimRequest(transaction, tenancy.tenantId, request))) await work(transaction);
      },
      signal,
    );
  return {
    async open(tenancy, { scope, asOf, knownAt }, signal) {
      const reader = await openReader(database, tenancy);
      const found = await lookUpScope(reader, scope, signal);
      if (!found) return undefined;
      const reading = { ids: found.ids, asOf, knownAt };
      const visible = visibleTo(reader, reading);
      return {
        groups: (nameIds) => readGroups(reader, reading, nameIds, signal),
        edges: (nameIds, options) => readEdges(reader, visible, nameIds, options, signal),
        between: (nameIds, types) => readBetween(reader, reading, visible, nameIds, types, signal),
        describe: (nameIds, met) => describeEntities(reader, reading, visible, nameIds, signal, met),
        messagesOf: (memoryIds) => readMessages(reader, memoryIds, signal),
      };
    },
    async list(tenancy, listing, signal) {
      return listEntities(await openReader(database, tenancy), listing, signal);
    },
    merge: (tenancy, command, request, signal) =>
      write(tenancy, request, (transaction) => mergeByHand(transaction, tenancy, command), signal),
    split: (tenancy, command, request, signal) =>
      write(tenancy, request, (transaction) => splitByHand(transaction, tenancy, command), signal),
  };
}
