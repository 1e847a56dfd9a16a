import { describe, expect, it } from "vitest";
import { mentionsOf } from "./mentions.ts";

const ADA = { name: "Ada", type: "person" };

describe("mentionsOf", () => {
  it("names what the text says now, and nothing that it says no more", () => {
    const before = [ADA, { name: "Rome", type: "place" }];
    expect(mentionsOf("Ada lives in Milan.", before, [])).toEqual({
      entities: [ADA, { name: "Milan", type: "place" }],
      relations: [{ source: "Ada", type: "lives_in", target: "Milan" }],
    });
    expect(mentionsOf("She sings.", before, ["Ada"])).toEqual({ entities: [], relations: [] });
  });

  it("keeps the type of what the text still names", () => {
    const before = [ADA, { name: "guitar", type: "product" }];
    expect(mentionsOf("Ada sold the guitar.", before, []).entities).toEqual(before);
  });

  it("knows who speaks by name", () => {
    expect(mentionsOf("Ada works at Bosch.", [], ["Ada"])).toEqual({
      entities: [ADA, { name: "Bosch", type: "organization" }],
      relations: [{ source: "Ada", type: "works_at", target: "Bosch" }],
    });
  });
});
