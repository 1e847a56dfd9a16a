import type { TokenShare } from "./share-tokens.ts";
import type { TokenCounts } from "./token-counts.ts";

/** What a model is asked for; `extract_batch`: to read as one of a batch, which costs less. */
export type ModelPurpose =
  | "extract"
  | "reconcile"
  | "embed"
  | "rerank"
  | "summarise"
  | "extract_batch"
  | "replay";

/** Which model is asked for what, and who bears it. */
export interface ModelBill {
  readonly tenantId: string;
  /** As its server calls it. */
  readonly model: string;
  readonly purpose: ModelPurpose;
  /** At least one: what each had it read. */
  readonly shares: readonly TokenShare[];
  /** Told of each call, once it is counted. */
  readonly onCounted?: ((used: TokenCounts) => void) | undefined;
}

/** An answer with what its server says that it took; undefined where it does not say. */
export interface Answered<T> {
  readonly value: T;
  readonly used: TokenCounts | undefined;
}

/**
 * Makes one request to a model's server, whose bill is known.
 *
 * @param most what it may take at most, as far as that can be told before.
 * @throws MnemeError BUDGET_EXCEEDED with nothing asked, and what `request` throws.
 */
export type CallMeter = <T>(most: TokenCounts, request: () => Promise<Answered<T>>) => Promise<T>;

/** Holds models' calls to budgets and counts what they took; where nobody knows that, what they may have taken at most. */
export interface ModelSpending {
  /** Makes one request, and counts it before it answers. As `CallMeter`. */
  run<T>(bill: ModelBill, most: TokenCounts, request: () => Promise<Answered<T>>): Promise<T>;
  /**
   * Counts a call that nobody holds back. Takes no time of the caller's: it is kept some seconds later, and lost with a
   * process that is killed.
   */
  note(bill: ModelBill, used: TokenCounts): void;
  /** Holds batches to budgets; absent where nothing is counted. */
  readonly batches?: BatchSpending;
}

/** A request of a batch and what it takes, or took. */
export interface BatchCall {
  readonly bill: ModelBill;
  readonly tokens: TokenCounts;
}

/** Which batch it is, and of when. */
export interface BatchRef {
  readonly id: string;
  readonly tenantId: string;
  readonly projectId: string;
  /** When it was first about to be sent: its month's budget holds it. */
  readonly at: Date;
}

/** Holds batches to budgets and counts what they took, each once, however often it is told. */
export interface BatchSpending {
  /**
   * Reserves what it may take at most, for so long, in place of what was reserved for it before.
   *
   * @throws MnemeError BUDGET_EXCEEDED, DEPENDENCY_UNAVAILABLE.
   */
  reserve(batch: BatchRef, most: readonly BatchCall[], leaseMs: number): Promise<void>;
  /** Counts what it took; nothing where it was not sent. */
  settle(batch: BatchRef, took: readonly BatchCall[]): Promise<void>;
}

/** A meter of one bill; without spending it counts nothing. */
export function meterOf(spending: ModelSpending | undefined, bill: ModelBill): CallMeter {
  return spending ? (most, request) => spending.run(bill, most, request) : unmetered;
}

/** What an embedder tells of its requests: nobody holds those back, for nothing could be found without them. */
export function embeddingBy(
  spending: Pick<ModelSpending, "note"> | undefined,
  bill: Omit<ModelBill, "purpose">,
): (used: TokenCounts) => void {
  return (used) => spending?.note({ ...bill, purpose: "embed" }, used);
}

/** Makes the request. */
export const unmetered: CallMeter = async (_, request) => (await request()).value;
