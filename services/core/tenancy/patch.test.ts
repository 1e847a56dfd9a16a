import fc from "fast-check";
import { expect, test } from "vitest";
import { patched } from "./patch.ts";

const SETTINGS = { ranking: { recipe: "rrf", rrfK: 20 }, retention: { memoryDays: 30 } };

test.each([
  [
    "a member",
    [{ path: ["ranking", "rrfK"], value: 5 }],
    { ...SETTINGS, ranking: { recipe: "rrf", rrfK: 5 } },
  ],
  [
    "a new group's member",
    [{ path: ["models", "extractor"], value: "model" }],
    { ...SETTINGS, models: { extractor: "model" } },
  ],
  ["a group", [{ path: ["ranking"], value: { recipe: "s1" } }], { ...SETTINGS, ranking: { recipe: "s1" } }],
  ["everything", [{ path: [], value: { graphEnabled: false } }], { graphEnabled: false }],
  [
    "a member to nothing, and its group with it",
    [{ path: ["retention", "memoryDays"], value: undefined }],
    { ranking: SETTINGS.ranking },
  ],
  ["what is not there to nothing", [{ path: ["models", "extractor"], value: undefined }], SETTINGS],
])("changes %s", (_, changes, expected) => {
  expect(patched<object>(SETTINGS, changes)).toEqual(expected);
});

test("leaves what no path names, and what it was given", () => {
  const name = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.dictionary(name, fc.nat())),
      name,
      name,
      fc.nat(),
      (value, group, member, next) => {
        const before = structuredClone(value);
        const after = patched(value, [{ path: [group, member], value: next }]);
        expect(value).toEqual(before);
        expect(after).toEqual({ ...value, [group]: { ...value[group], [member]: next } });
      },
    ),
  );
});
