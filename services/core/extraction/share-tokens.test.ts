import fc from "fast-check";
import { expect, it } from "vitest";
import type { ModelUser, SpentTokens } from "../limits/model-use.ts";
import { shareTokens, type TokenShare } from "./share-tokens.ts";

function told(shares: readonly TokenShare[], tokens: number): SpentTokens[] {
  const all: SpentTokens[] = [];
  const onModelTokens = (_: string, user: ModelUser, part: number) =>
    void all.push({ ...user, tokens: part });
  shareTokens({ onModelTokens }, "tenant", shares, tokens);
  return all;
}

it("shares by what was read of each key and project, and leaves to a project what no key brought", () => {
  const home = { projectId: "home", apiKeyId: "one" };
  const shares = [
    { ...home, text: "1234" },
    { ...home, apiKeyId: undefined, text: "123456789" },
    { ...home, projectId: "work", text: "" },
    { ...home, text: "123" },
  ];
  expect(told(shares, 40)).toEqual([
    { ...home, tokens: 18 },
    { ...home, apiKeyId: undefined, tokens: 20 },
    { ...home, projectId: "work", tokens: 2 },
  ]);
});

it("loses no token and makes none, and nobody gets any back", () => {
  const share = fc.record({
    projectId: fc.constantFrom("home", "work"),
    apiKeyId: fc.constantFrom("one", "two", undefined),
    text: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(share, { minLength: 1 }), fc.nat(), (shares, tokens) => {
      const parts = told(shares, tokens).map((one) => one.tokens);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(tokens);
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
    }),
  );
});
