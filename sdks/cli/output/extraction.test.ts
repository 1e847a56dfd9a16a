import type { Extraction } from "@mneme/sdk";
import { describe, expect, it } from "vitest";
import { countsText, extractionFacts } from "./extraction.ts";

const NONE = { added: 0, updated: 0, superseded: 0, unchanged: 0, deleted: 0, dropped: 0 };

function extraction(
  dropped: number,
  droppedSensitive: Extraction["droppedSensitive"],
  droppedByCategory: Extraction["droppedByCategory"] = {},
): Extraction {
  const counts = { ...NONE, dropped };
  return { counts, droppedSensitive, droppedByCategory, scope: {}, extractor: "embedded/1" } as Extraction;
}

describe("what was not kept", () => {
  it("is told by the kind of data that the project keeps out, over all extractions", () => {
    const some = [extraction(2, { health: 1, payment: 1 }), extraction(1, { health: 1 })];
    expect(countsText(...some)).toBe("3 not kept (kept out by the project: 2 health, 1 payment)");
  });

  it("is told apart from what was nothing to remember", () => {
    expect(countsText(extraction(3, { health: 1 }))).toBe(
      "3 not kept (kept out by the project: 1 health; 2 nothing to remember, a request that named nothing known, or deleted since said)",
    );
  });

  it("is told by the rule of the project's categories, over all extractions, and apart from the rest", () => {
    const some = [
      extraction(2, {}, { not_included: 2 }),
      extraction(2, {}, { not_included: 1, excluded: 1 }),
    ];
    expect(countsText(...some)).toBe(
      "4 not kept (left out by the project's categories: 3 not included, 1 excluded)",
    );
    expect(countsText(extraction(3, { health: 1 }, { excluded: 1 }))).toBe(
      "3 not kept (kept out by the project: 1 health; left out by the project's categories: 1 excluded; 1 nothing to remember, a request that named nothing known, or deleted since said)",
    );
  });

  it("has a line of its own where one extraction is told whole", () => {
    const told = extractionFacts(extraction(3, { health: 1 }, { not_included: 2 }));
    expect(told).toMatch(/^sensitive +1 health \(not kept\)$/m);
    expect(told).toMatch(/^categories +2 not included \(not kept\)$/m);
    expect(extractionFacts(extraction(1, {}))).not.toMatch(/^(?:sensitive|categories)/m);
  });
});
