import { setTimeout as pause } from "node:timers/promises";
import { v7 as uuidv7 } from "uuid";
import type { MnemeError } from "../errors.ts";
import { type BudgetLevel, type Budgets, budgetExceeded, budgetReserved, isAnySet } from "./budget.ts";
import type { ModelBill } from "./model-spending.ts";
import { type SpentCalls, sumOf } from "./spent-calls.ts";

/** A call that is reserved at the most that it may take. */
export interface Reservation {
  readonly id: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly most: SpentCalls;
}

/** Enough to find it again. */
export interface ReservationRef extends Pick<Reservation, "id" | "tenantId" | "projectId"> {
  readonly most: Pick<SpentCalls, "day">;
}

/** A part of a budget that was spent for the first time. */
export interface BudgetReached {
  readonly level: BudgetLevel;
  /** In per cent. At 100 a call did not fit in any more. */
  readonly part: 80 | 100;
}

/** What became of a call that asked for its part. */
export interface Reserved {
  /** Whose budget refuses it; undefined where it is reserved. */
  readonly refusedBy: BudgetLevel | undefined;
  /** Of a refusal: it does not even fit beside what is spent. Else others' reservations are in its way, which settle. */
  readonly isFull: boolean;
  readonly reached: readonly BudgetReached[];
}

/** Where budgets are kept: what all workers reserve and spend together never passes them. */
export interface BudgetStore {
  reserve(reservation: Reservation, budgets: Budgets, leaseMs: number): Promise<Reserved>;
  /** As `reserve`, instead of what is reserved under its id: nobody else gets that in between. Refused, neither is left. */
  reserveAnew(...of: Parameters<BudgetStore["reserve"]>): ReturnType<BudgetStore["reserve"]>;
  /** Counts what a call took instead of what was reserved; one that was counted as lost meanwhile stays so. */
  settle(
    reservation: ReservationRef,
    spent: readonly SpentCalls[],
    budgets: Budgets,
  ): Promise<readonly BudgetReached[]>;
}

/** A call that may be made. */
export interface HeldCall {
  /** Counts what it took; nothing where it cost nothing. */
  settle(spent: readonly SpentCalls[]): Promise<void>;
}

/** Holds calls to budgets. */
export interface BudgetHold {
  /**
   * @param most what the call takes of each of its users at most.
   * @returns undefined where there is no budget.
   * @throws MnemeError BUDGET_EXCEEDED, DEPENDENCY_UNAVAILABLE.
   */
  hold(bill: ModelBill, most: readonly SpentCalls[]): Promise<HeldCall | undefined>;
  /**
   * Reserves what many calls of a project take at most under one id, for so long, instead of what was reserved under it
   * before; also where there is no budget, so that they are counted once.
   *
   * @throws MnemeError BUDGET_EXCEEDED, DEPENDENCY_UNAVAILABLE.
   */
  reserve(of: ReservationRef, most: readonly SpentCalls[], leaseMs: number): Promise<void>;
  /** Counts what they took, unless that was done before. */
  settle(of: ReservationRef, took: readonly SpentCalls[]): Promise<void>;
}

export interface BudgetHoldOptions {
  /** What holds for a project, as of a few seconds ago at most. */
  readonly budgetsOf: (tenantId: string, projectId: string) => Promise<Budgets>;
  /** How long a call may take, in milliseconds: then it counts as made by a worker that is no more. */
  readonly leaseMs: number;
  /** How long a call waits for others to settle that are in its way, 10,000 ms by default. */
  readonly waitMs?: number;
  /** Told once of each part, also where several workers find it. */
  readonly onReached?: (of: Pick<Reservation, "tenantId" | "projectId">, reached: BudgetReached) => void;
}

/** Reserves before each call what it may take at most, and settles it to what it took. */
export function createBudgetHold(store: BudgetStore, options: BudgetHoldOptions): BudgetHold {
  const { budgetsOf, leaseMs, waitMs = 10_000, onReached } = options;

  function tell(of: ReservationRef, reached: readonly BudgetReached[]): void {
    for (const one of reached) onReached?.(of, one);
  }

  return {
    async hold({ tenantId, shares }, spent) {
      const projectId = shares[0]?.projectId ?? "";
      const budgets = await budgetsOf(tenantId, projectId);
      if (!isAnySet(budgets)) return undefined;
      const reservation = { id: uuidv7(), tenantId, projectId, most: togetherOf(spent) };
      const end = performance.now() + waitMs;
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const { refusedBy, isFull, reached } = await store.reserve(reservation, budgets, leaseMs);
        tell(reservation, reached);
        if (!refusedBy) break;
        if (isFull || performance.now() + pauseMs > end) throw refusalBy(refusedBy, isFull);
        await pause(pauseMs);
      }
      return {
        settle: async (took) => tell(reservation, await store.settle(reservation, took, budgets)),
      };
    },
    async reserve(of, spent, forMs) {
      const budgets = await budgetsOf(of.tenantId, of.projectId);
      const most = { ...togetherOf(spent), day: of.most.day };
      const { refusedBy, isFull, reached } = await store.reserveAnew({ ...of, most }, budgets, forMs);
      tell(of, reached);
      if (refusedBy) throw refusalBy(refusedBy, isFull);
    },
    async settle(of, took) {
      const budgets = await budgetsOf(of.tenantId, of.projectId);
      tell(of, await store.settle(of, took, budgets));
    },
  };
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

function refusalBy(level: BudgetLevel, isFull: boolean): MnemeError {
  return isFull ? budgetExceeded(level, new Date()) : budgetReserved(level);
}

/** One project's call, whoever of it has it made. */
function togetherOf(spent: readonly SpentCalls[]): SpentCalls {
  return { ...spent.reduce(sumOf), apiKeyId: undefined };
}
