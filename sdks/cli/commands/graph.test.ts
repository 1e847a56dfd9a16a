import { describe, expect, it } from "vitest";
import { relationLines } from "../output/graph.ts";

const entity = (entityId: string, name: string) => ({
  entityId,
  name,
  type: "other",
  names: [],
  merges: [],
  memoryIds: [],
});
const times = { validFrom: new Date("2026-03-01T09:30:00Z"), recordedFrom: undefined, recordedTo: undefined };

describe("relations in lines", () => {
  it("name both ends, since and until when, and what tells them", () => {
    const evidence = [{ memoryId: "m1", messageIds: [], ...times, validTo: undefined }];
    const relation = { sourceEntityId: "a", type: "recommended", targetEntityId: "b", ...times, evidence };
    const lines = relationLines(
      [
        { ...relation, validTo: undefined },
        { ...relation, validTo: new Date("2026-04-01T09:30:00Z") },
      ],
      [entity("a", "Sarah"), entity("b", "Ru\u001b[31mst")],
    ).split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^Sarah -recommended-> Ru.*st \(since 2026-03-01[^;]*; m1\)$/),
      expect.stringMatching(/ until 2026-04-01/),
    ]);
    expect(lines.join()).not.toContain("\u001b");
  });

  it("say that there are none", () => {
    expect(relationLines([], [])).toBe("No relations.");
  });
});
