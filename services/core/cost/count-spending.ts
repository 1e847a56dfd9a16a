import { MnemeError, type Reason } from "../errors.ts";
import type { BudgetHold, ReservationRef } from "./budget-hold.ts";
import type { BatchRef, BatchSpending, ModelBill, ModelSpending } from "./model-spending.ts";
import { NO_PRICES, type Picodollars, type Prices } from "./prices.ts";
import { monthOfDay, type SpentCalls, slotOf, spentOf, sumOf } from "./spent-calls.ts";
import type { TokenCounts } from "./token-counts.ts";

/** Where models' calls are counted. */
export interface SpendingStore {
  /** Counts calls of one tenant and month. */
  add(tenantId: string, spent: readonly SpentCalls[]): Promise<void>;
  /** Brings changes of the counts of memories together. @returns true where there may be more. */
  foldMemoryCounts(): Promise<boolean>;
}

/** Told of each call. */
export type OnCall = (
  bill: Pick<ModelBill, "model" | "purpose">,
  used: TokenCounts,
  cost: Picodollars | undefined,
) => void;

export interface SpendingOptions {
  readonly prices?: Prices;
  /** What holds calls back; nothing does unless told. */
  readonly budgets?: BudgetHold;
  /** How long what nobody waits for is gathered, 5,000 ms by default. */
  readonly gatherMs?: number;
  readonly onCall?: OnCall;
  /** Told when calls could not be kept; it is tried again. */
  readonly onFailure?: (error: unknown) => void;
}

/** Disposal keeps what is counted until then. */
export type CountedSpending = ModelSpending & AsyncDisposable;

/**
 * Counts models' calls: gathered in memory, and kept in one write a tenant. Looks after the counts of memories
 * meanwhile.
 */
export function countSpending(store: SpendingStore, options: SpendingOptions = {}): CountedSpending {
  const { prices = NO_PRICES, budgets, gatherMs = 5_000, onCall, onFailure } = options;
  /** By tenant and month, for writers of two would wait for each other; then by what rows are told apart by. */
  const gathered = new Map<string, Map<string, SpentCalls>>();
  let keeping = Promise.resolve();

  function gather(tenantId: string, spent: readonly SpentCalls[]): void {
    for (const one of spent) {
      const together = `${tenantId}/${monthOfDay(one.day)}`;
      const ofTenant = gathered.get(together) ?? new Map<string, SpentCalls>();
      const slot = slotOf(one);
      const before = ofTenant.get(slot);
      gathered.set(together, ofTenant.set(slot, before ? sumOf(before, one) : one));
    }
  }

  async function keepAll(): Promise<void> {
    try {
      for (const [together, ofTenant] of [...gathered]) {
        gathered.delete(together);
        const [tenantId = ""] = together.split("/");
        const spent = [...ofTenant.values()];
        await store.add(tenantId, spent).catch((error: unknown) => {
          gather(tenantId, spent);
          throw error;
        });
      }
      while (await store.foldMemoryCounts());
    } catch (error) {
      onFailure?.(error);
    }
  }

  function keep(): Promise<void> {
    keeping = keeping.then(keepAll);
    return keeping;
  }

  function priced(bill: ModelBill, used: TokenCounts): readonly SpentCalls[] {
    const at = new Date();
    onCall?.(bill, used, prices.cost(bill.model, at, used));
    bill.onCounted?.(used);
    return spentOf(bill, used, prices, at);
  }

  function note(bill: ModelBill, used: TokenCounts): void {
    gather(bill.tenantId, priced(bill, used));
  }

  function batchesBy(hold: BudgetHold): BatchSpending {
    return {
      reserve: (batch, most, leaseMs) =>
        hold.reserve(
          reservationOf(batch),
          most.flatMap(({ bill, tokens }) => spentOf(bill, tokens, prices, batch.at)),
          leaseMs,
        ),
      settle: (batch, took) =>
        hold.settle(
          reservationOf(batch),
          took.flatMap(({ bill, tokens }) => priced(bill, tokens)),
        ),
    };
  }

  const timer = setInterval(keep, gatherMs).unref();
  return {
    note,
    ...(budgets && { batches: batchesBy(budgets) }),
    async run(bill, most, request) {
      const held = await budgets?.hold(bill, spentOf(bill, most, prices, new Date()));
      let used: TokenCounts | undefined;
      try {
        const answered = await request();
        used = answered.used ?? most;
        return answered.value;
      } catch (error) {
        if (mayHaveCost(error)) used = most;
        throw error;
      } finally {
        const spent = used ? priced(bill, used) : [];
        if (held) await held.settle(spent).catch((error: unknown) => onFailure?.(error));
        else gather(bill.tenantId, spent);
      }
    },
    [Symbol.asyncDispose]() {
      clearInterval(timer);
      return keep();
    },
  };
}

function reservationOf({ id, tenantId, projectId, at }: BatchRef): ReservationRef {
  return { id, tenantId, projectId, most: { day: at.toISOString().slice(0, 10) } };
}

/**
 * Answered with a refusal or a failure, or never sent, a request costs nothing; of one that broke off, took too long or was
 * cancelled nobody knows.
 */
function mayHaveCost(error: unknown): boolean {
  if (!(error instanceof MnemeError)) return false;
  if (error.kind === "cancelled") return error.metadata.sent !== "false";
  return error.metadata.status === undefined && !FREE.has(error.reason);
}

const FREE: ReadonlySet<Reason> = new Set([
  "DEPENDENCY_UNAVAILABLE",
  "MODEL_RATE_LIMITED",
  "MODEL_CREDENTIALS_REFUSED",
  "MODEL_NOT_FOUND",
  "MODEL_REQUEST_REFUSED",
]);
