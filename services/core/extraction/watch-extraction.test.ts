import { describe, expect, it } from "vitest";
import type { Extraction, ExtractionState } from "./extraction.ts";
import { waitForExtraction } from "./wait-for-extraction.ts";
import { type WatchDeps, watchExtraction } from "./watch-extraction.ts";

const tenancy = { tenantId: "t", projectId: "p" };
const extraction = (state: ExtractionState, attempts = 0): Extraction => ({
  id: "e",
  state,
  scope: { userId: "ada" },
  messageCount: 1,
  counts: { added: 0, updated: 0, superseded: 0, unchanged: 0, deleted: 0, dropped: 0 },
  memoryIds: [],
  attempts,
  failure: undefined,
  waiting: undefined,
  processing: "now",
  directReason: undefined,
  extractor: "",
  createdAt: new Date(0),
  extractedAt: undefined,
  searchableAt: undefined,
});

/** Stands one step further at every look; the last one stays. */
function standing(...steps: Extraction[]): WatchDeps & { readonly signalsHeld: () => number } {
  let looked = 0;
  let held = 0;
  return {
    extractions: { get: async () => steps[Math.min(looked++, steps.length - 1)] as Extraction },
    signals: {
      changed: (_, __, signal) =>
        new Promise((resolve, reject) => {
          held += 1;
          signal?.throwIfAborted();
          signal?.addEventListener("abort", () => {
            held -= 1;
            reject(signal.reason);
          });
          if (looked < steps.length) resolve();
        }),
    },
    signalsHeld: () => held,
  };
}

async function statesOf(deps: WatchDeps): Promise<string[]> {
  const states: string[] = [];
  for await (const { state, attempts } of watchExtraction(deps, tenancy, "e"))
    states.push(`${state} ${attempts}`);
  return states;
}

describe("watchExtraction", () => {
  it("gives every change once and ends when it is settled", async () => {
    const deps = standing(
      extraction("queued"),
      extraction("running"),
      extraction("running"),
      extraction("running", 1),
      extraction("extracted", 1),
      extraction("searchable", 1),
    );
    expect(await statesOf(deps)).toEqual([
      "queued 0",
      "running 0",
      "running 1",
      "extracted 1",
      "searchable 1",
    ]);
    expect(deps.signalsHeld()).toBe(0);
  });

  it("ends at once for what is settled already", async () => {
    for (const state of ["searchable", "failed", "dropped"] as const) {
      expect(await statesOf(standing(extraction(state)))).toEqual([`${state} 0`]);
    }
  });

  it("lets go of its signal when nobody reads on", async () => {
    const deps = standing(extraction("queued"));
    for await (const _ of watchExtraction(deps, tenancy, "e")) break;
    expect(deps.signalsHeld()).toBe(0);
  });

  it("ends with the call", async () => {
    const call = new AbortController();
    const deps = standing(extraction("queued"), extraction("running"));
    const watching = (async () => {
      for await (const { state } of watchExtraction(deps, tenancy, "e", call.signal)) {
        if (state === "running") call.abort(new Error("cancelled"));
      }
    })();
    await expect(watching).rejects.toThrow("cancelled");
  });
});

describe("waitForExtraction", () => {
  const later = () => new Date(Date.now() + 60_000);

  it("returns as soon as it got where it should", async () => {
    const steps = [extraction("running"), extraction("extracted"), extraction("searchable")];
    const extracted = { until: "extracted", deadline: later() } as const;
    expect(await waitForExtraction(standing(...steps), tenancy, "e", extracted)).toEqual({
      extraction: steps[1],
      expired: false,
    });
    const searchable = { until: "searchable", deadline: later() } as const;
    expect(await waitForExtraction(standing(...steps), tenancy, "e", searchable)).toEqual({
      extraction: steps[2],
      expired: false,
    });
  });

  it("returns a failed one without waiting for what won't come", async () => {
    const failed = extraction("failed");
    const wait = { until: "searchable", deadline: later() } as const;
    expect(await waitForExtraction(standing(failed), tenancy, "e", wait)).toEqual({
      extraction: failed,
      expired: false,
    });
  });

  it.each(["BUDGET_EXCEEDED", "BATCH"] as const)(
    "answers at once for one that waits itself (%s)",
    async (reason) => {
      const waits = { ...extraction("queued"), waiting: { reason, until: later() } };
      const wait = { until: "extracted", deadline: later() } as const;
      const answer = await waitForExtraction(standing(extraction("queued"), waits), tenancy, "e", wait);
      expect(answer).toEqual({ extraction: waits, expired: true });
    },
  );

  it("answers with what there is at the deadline", async () => {
    const steps = [extraction("queued"), extraction("running")];
    for (const deadline of [new Date(Date.now() + 20), new Date(0)]) {
      const answer = await waitForExtraction(standing(...steps), tenancy, "e", {
        until: "extracted",
        deadline,
      });
      expect(answer.expired).toBe(true);
      expect(answer.extraction.state).toMatch(/queued|running/);
    }
  });
});
