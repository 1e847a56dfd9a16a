import fc from "fast-check";
import { expect, it } from "vitest";
import { shareTokens } from "./share-tokens.ts";
import type { TokenCounts } from "./token-counts.ts";

const used = (input: number): TokenCounts => ({ input, cachedInput: 0, output: 0 });

it("shares by what was read of each key and project, and leaves to a project what no key brought", () => {
  const home = { projectId: "home", apiKeyId: "one" };
  const shares = [
    { ...home, text: "1234" },
    { ...home, apiKeyId: undefined, text: "123456789" },
    { ...home, projectId: "work", text: "" },
    { ...home, text: "123" },
  ];
  expect(shareTokens(shares, used(40))).toEqual([
    { ...home, calls: 0, tokens: used(18) },
    { ...home, apiKeyId: undefined, calls: 1, tokens: used(20) },
    { ...home, projectId: "work", calls: 0, tokens: used(2) },
  ]);
});

it("loses no token and no call and makes none, and nobody gets any back", () => {
  const share = fc.record({
    projectId: fc.constantFrom("home", "work"),
    apiKeyId: fc.constantFrom("one", "two", undefined),
    text: fc.string(),
  });
  const counts = fc.record({ input: fc.nat(), cachedInput: fc.nat(), output: fc.nat() });
  fc.assert(
    fc.property(fc.array(share, { minLength: 1 }), counts, (shares, tokens) => {
      const parts = shareTokens(shares, tokens);
      for (const kind of ["input", "cachedInput", "output"] as const) {
        const ofKind = parts.map((part) => part.tokens[kind]);
        expect(ofKind.reduce((sum, part) => sum + part, 0)).toBe(tokens[kind]);
        expect(Math.min(...ofKind)).toBeGreaterThanOrEqual(0);
      }
      expect(parts.reduce((sum, part) => sum + part.calls, 0)).toBe(1);
    }),
  );
});
