import { describe, expect, it } from "vitest";
import { MnemeError, type Reason } from "../errors.ts";
import type { BudgetHold } from "./budget-hold.ts";
import { countSpending } from "./count-spending.ts";
import type { ModelBill } from "./model-spending.ts";
import type { SpentCalls } from "./spent-calls.ts";
import type { TokenCounts } from "./token-counts.ts";

const BILL: ModelBill = {
  tenantId: "t",
  model: "m",
  purpose: "extract",
  shares: [{ projectId: "p", apiKeyId: undefined, text: "said" }],
};
const MOST = { input: 50, cachedInput: 0, output: 20 };
const USED = { input: 30, cachedInput: 10, output: 5 };

/** What a call is settled with, and what is kept of calls that nothing holds back. */
async function counted(
  request: () => Promise<unknown>,
  isHeld = true,
  { used }: { readonly used: TokenCounts | undefined } = { used: USED },
) {
  const settled: (readonly SpentCalls[])[] = [];
  const kept: SpentCalls[] = [];
  const budgets: BudgetHold = {
    hold: async () => (isHeld ? { settle: async (spent) => void settled.push(spent) } : undefined),
    reserve: async () => undefined,
    settle: async () => undefined,
  };
  const store = {
    add: async (_: string, spent: readonly SpentCalls[]) => void kept.push(...spent),
    foldMemoryCounts: async () => false,
  };
  const spending = countSpending(store, { budgets });
  const run = () => request().then((value) => ({ value, used }));
  const outcome = await spending.run(BILL, MOST, run).catch((error: unknown) => error);
  await spending[Symbol.asyncDispose]();
  const tokens = (all: readonly SpentCalls[]) =>
    all.map(({ calls, tokens: { input, cachedInput, output } }) => [calls, input, cachedInput, output]);
  return { outcome, settled: settled.map(tokens), kept: tokens(kept) };
}

const failing =
  (kind: MnemeError["kind"], reason: Reason, metadata: Record<string, string> = {}) =>
  async () => {
    throw new MnemeError(kind, reason, "failed", { metadata });
  };

describe("a call of a model", () => {
  it("is counted by what its server says that it took, held or not", async () => {
    const answered = async () => "told";
    expect(await counted(answered)).toEqual({ outcome: "told", settled: [[[1, 30, 10, 5]]], kept: [] });
    expect(await counted(answered, false)).toEqual({ outcome: "told", settled: [], kept: [[1, 30, 10, 5]] });
  });

  it("is counted as reserved where its server does not say what it took", async () => {
    const { settled } = await counted(async () => "told", true, { used: undefined });
    expect(settled).toEqual([[[1, 50, 0, 20]]]);
  });

  it.each([
    ["takes too long", failing("deadline_exceeded", "MODEL_TIMEOUT")],
    ["breaks off", failing("unavailable", "MODEL_SERVER_FAILED")],
    ["is answered with nonsense", failing("unavailable", "MODEL_OUTPUT_INVALID")],
    ["is cancelled once it was sent", failing("cancelled", "DEPENDENCY_UNAVAILABLE")],
  ])("counts as reserved where it %s", async (_, request) => {
    expect((await counted(request)).settled).toEqual([[[1, 50, 0, 20]]]);
    expect((await counted(request, false)).kept).toEqual([[1, 50, 0, 20]]);
  });

  it.each([
    ["was never sent", failing("cancelled", "DEPENDENCY_UNAVAILABLE", { sent: "false" })],
    ["was never heard", failing("unavailable", "DEPENDENCY_UNAVAILABLE", { dependency: "model" })],
    ["was put off", failing("resource_exhausted", "MODEL_RATE_LIMITED", { status: "429" })],
    ["was refused", failing("failed_precondition", "MODEL_REQUEST_REFUSED", { status: "400" })],
    ["failed there", failing("unavailable", "MODEL_SERVER_FAILED", { status: "500" })],
  ])("costs nothing where it %s", async (_, request) => {
    expect((await counted(request)).settled).toEqual([[]]);
    expect((await counted(request, false)).kept).toEqual([]);
  });
});
