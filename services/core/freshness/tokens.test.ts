import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Freshness } from "./freshness.ts";
import { createFreshnessTokens, MAX_NAMED_EXTRACTIONS } from "./tokens.ts";

const project = { tenantId: randomUUID(), projectId: randomUUID() };
const tokens = createFreshnessTokens(randomBytes(32));

const freshness: fc.Arbitrary<Freshness> = fc.oneof(
  fc.record({
    type: fc.constant("revision" as const),
    revision: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    buckets: fc.array(fc.integer({ min: 0, max: 2 ** 15 - 1 }), { maxLength: 16 }),
  }),
  fc.record({
    type: fc.constant("extraction" as const),
    extractionIds: fc.array(fc.uuid(), { minLength: 1, maxLength: MAX_NAMED_EXTRACTIONS }),
  }),
  fc.record({ type: fc.constant("extraction_range" as const), firstId: fc.uuid(), lastId: fc.uuid() }),
);

describe("freshness tokens", () => {
  it("give back what was sealed, and are short", () => {
    fc.assert(
      fc.property(freshness, (one) => {
        const token = tokens.seal(project, one);
        expect(token.length).toBeLessThanOrEqual(512);
        expect(tokens.open(project, token)).toEqual(one);
      }),
    );
  });

  it("name many extractions by the first and the last", () => {
    const ids = Array.from({ length: 100 }, () => randomUUID() as string);
    const sorted = ids.toSorted();
    expect(tokens.open(project, tokens.seal(project, { type: "extraction", extractionIds: ids }))).toEqual({
      type: "extraction_range",
      firstId: sorted[0],
      lastId: sorted.at(-1),
    });
  });

  it("do not open for another tenant or project, under another secret, or bent", () => {
    const token = tokens.seal(project, { type: "revision", revision: 7n, buckets: [3] });
    const refused = { reason: "FRESHNESS_TOKEN_INVALID" };
    const attempt = (run: () => unknown) => {
      try {
        return run();
      } catch (error) {
        return error;
      }
    };
    for (const other of ["tenantId", "projectId"]) {
      const elsewhere = { ...project, [other]: randomUUID() };
      expect(attempt(() => tokens.open(elsewhere, token))).toMatchObject(refused);
    }
    expect(attempt(() => createFreshnessTokens(randomBytes(32)).open(project, token))).toMatchObject(refused);
    fc.assert(
      fc.property(
        fc.nat(Buffer.from(token, "base64url").length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const bytes = Buffer.from(token, "base64url");
          bytes[at] = (bytes[at] as number) ^ by;
          expect(attempt(() => tokens.open(project, bytes.toString("base64url")))).toMatchObject(refused);
        },
      ),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 600 }), (text) => {
        expect(attempt(() => tokens.open(project, text))).toMatchObject(refused);
      }),
    );
  });
});
