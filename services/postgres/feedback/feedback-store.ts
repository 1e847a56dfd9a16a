import type { FeedbackStore } from "@mneme/core/feedback/feedback-store.ts";
import { type Database, transact } from "../database.ts";
import { openReader } from "../read-together.ts";
import { giveFeedback } from "./give-feedback.ts";
import { listFeedback, listMisses } from "./listings.ts";
import { reportMiss } from "./report-miss.ts";
import { lookUpGiver } from "./visible-memory.ts";

/** What people say of answers, in the record. */
export function createFeedbackStore(database: Database): FeedbackStore {
  return {
    async give(tenancy, given, request, signal) {
      const seenBy = await lookUpGiver(await openReader(database, tenancy), given.scope, signal);
      await transact(
        database,
        tenancy,
        (transaction) => giveFeedback(database, transaction, tenancy, { given, seenBy, request }),
        signal,
      );
    },
    async list(tenancy, listing, signal) {
      return listFeedback(await openReader(database, tenancy), listing, signal);
    },
    async reportMiss(tenancy, miss, request, signal) {
      const seenBy = await lookUpGiver(await openReader(database, tenancy), miss.scope, signal);
      return transact(
        database,
        tenancy,
        (transaction) => reportMiss(database, transaction, tenancy, { miss, seenBy, request }),
        signal,
      );
    },
    async listMisses(tenancy, asked, signal) {
      return listMisses(await openReader(database, tenancy), asked, signal);
    },
  };
}
