import { describe, expect, test } from "vitest";
import { foldName } from "./fold-name.ts";
import { nameKeys } from "./name-keys.ts";
import { sameNames } from "./same-names.ts";

/** "Sarah/person": the id is the name with its type. */
function decide(...names: string[]) {
  const among = names.map((id) => {
    const [name = "", type = "person"] = id.split("/");
    return { id, folded: foldName(name), type };
  });
  const { pairs, ambiguous } = sameNames(new Set(names.slice(-1)), among);
  return { merged: pairs.map(({ a, b, rule }) => `${a} = ${b} (${rule})`), ambiguous };
}

describe("first names", () => {
  test("are whoever alone fits, whichever came first", () => {
    expect(decide("Sarah", "Sarah Chen").merged).toEqual(["Sarah = Sarah Chen (part)"]);
    expect(decide("Sarah Chen", "Sarah").merged).toEqual(["Sarah = Sarah Chen (part)"]);
  });

  test("are nobody's where two fit, from then on", () => {
    expect(decide("Sarah Chen", "Sarah Miller", "Sarah")).toEqual({ merged: [], ambiguous: ["Sarah"] });
    expect(decide("Sarah", "Sarah Chen", "Sarah Miller")).toEqual({ merged: [], ambiguous: ["Sarah"] });
  });

  test("are no surnames, no places and no longer phrases", () => {
    expect(decide("Chen", "Sarah Chen").merged).toEqual([]);
    expect(decide("York/place", "York Minster/place").merged).toEqual([]);
    expect(decide("Sarah", "Sarah and Tom").merged).toEqual([]);
  });

  test("that share no word with the new name are left as they are", () => {
    expect(decide("Tom", "Tom Reed", "Sarah Chen")).toEqual({ merged: [], ambiguous: [] });
  });
});

describe("spellings", () => {
  test.each([
    ["Kubernets/product", "Kubernetes/product"],
    ["Ivo Vandenbrink", "Ivo Vandenbrinck"],
    ["Vandenbrink/organization", "Vandenbrinc/organization"],
    ["Mattheus", "Matheus"],
    ["Ljubljanna/place", "Ljubljana/place"],
  ])("%s is %s", (a, b) => {
    expect(decide(a, b).merged).toEqual([`${a} = ${b} (similar)`]);
  });

  test.each([
    ["Daniela", "Daniele"],
    ["Andrea", "Andreas"],
    ["Marina", "Martina"],
    ["Julia", "Julie"],
    ["Tim", "Tom"],
    ["Austria/place", "Australia/place"],
    ["Python/product", "Pyston/person"],
    ["Windows 10/product", "Windows 11/product"],
    ["Gate A12345/place", "Gate A12346/place"],
    ["Spring Boot/product", "Spring Boots/product"],
    ["Maria Schmidt", "Marta Schmidt"],
    ["old maps/other", "old mops/other"],
  ])("%s is not %s", (a, b) => {
    expect(decide(a, b).merged).toEqual([]);
  });
});

test("a name of no known type is the only one of its name that has a type", () => {
  expect(decide("Jordan/other", "Jordan/place").merged).toEqual(["Jordan/other = Jordan/place (name)"]);
  expect(decide("Jordan/person", "Jordan/place", "Jordan/other").merged).toEqual([]);
});

test("what is spelt alike has a key in common", () => {
  for (const [a, b] of [
    ["kubernets", "kubernetes"],
    ["phillip", "philip"],
    ["abcdefg", "abcdefgh"],
    ["abcdefgh", "abcdefghi"],
    ["xbcdef", "abcdef"],
  ] as const) {
    const keys = new Set(nameKeys(a, "person"));
    expect(nameKeys(b, "person").some((key) => keys.has(key))).toBe(true);
  }
});
