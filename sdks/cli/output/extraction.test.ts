import type { Extraction } from "@mneme/sdk";
import { describe, expect, it } from "vitest";
import { countsText } from "./extraction.ts";

const NONE = { added: 0, updated: 0, superseded: 0, unchanged: 0, deleted: 0, dropped: 0 };

function extraction(dropped: number, droppedSensitive: Extraction["droppedSensitive"]): Extraction {
  return { counts: { ...NONE, dropped }, droppedSensitive, extractor: "embedded/1" } as Extraction;
}

describe("what was not kept", () => {
  it("is told by the kind of data that the project keeps out, over all extractions", () => {
    const some = [extraction(2, { health: 1, payment: 1 }), extraction(1, { health: 1 })];
    expect(countsText(...some)).toBe("3 not kept (kept out by the project: 2 health, 1 payment)");
  });

  it("is told apart from what was nothing to remember", () => {
    expect(countsText(extraction(3, { health: 1 }))).toBe(
      "3 not kept (kept out by the project: 1 health; 2 nothing to remember, or deleted since said)",
    );
  });
});
