import fc from "fast-check";
import { expect, it } from "vitest";
import { contentOf } from "../extraction/content-testing.ts";
import { normalizeStatement } from "../memory/normalize.ts";
import { dot } from "../search/vector.ts";
import type { ShadowMemory } from "./shadow-memory.ts";
import { ShadowStream } from "./shadow-stream.ts";

const IDS = ["a", "b", "c", "d", "e", "f"];
const WORDS = ["Ada sails.", "ada sails", "Ada rows.", "Bo rows."];
const SLOTS = ["lives_in", "works_at", "pet"];
const AUDIENCES = ["one", "two"];
const saidOn = (day: number) => new Date(Date.UTC(2026, 0, 1 + day));

const anyMemory: fc.Arbitrary<ShadowMemory> = fc
  .record({
    id: fc.constantFrom(...IDS),
    audience: fc.constantFrom(...AUDIENCES),
    text: fc.constantFrom(...WORDS),
    slots: fc.subarray(SLOTS),
    angle: fc.double({ min: 0, max: Math.PI, noNaN: true }),
    day: fc.integer({ min: 0, max: 3 }),
    isOver: fc.boolean(),
  })
  .map(({ id, audience, text, slots, angle, day, isOver }) => ({
    id,
    audience,
    ids: {
      subject: undefined,
      agentId: undefined,
      appId: undefined,
      teamId: undefined,
      sessionId: undefined,
    },
    apiKeyId: undefined,
    extractionId: "x",
    content: {
      ...contentOf(text, `m${id}`, saidOn(day)),
      slots,
      vector: new Float32Array([Math.cos(angle), Math.sin(angle)]),
    },
    embeddingModel: "test",
    sessionIds: [],
    extractor: { name: "test", version: "1" },
    isGiven: false,
    rule: "new",
    ended: isOver ? { at: saidOn(day + 1), by: "z", rule: "test" } : undefined,
  }));

type Step = { readonly set: ShadowMemory } | { readonly remove: string };
const anySteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: anyMemory.map((set) => ({ set })) },
    { weight: 1, arbitrary: fc.constantFrom(...IDS).map((remove) => ({ remove })) },
  ),
  { maxLength: 20 },
);

/** The same steps on a plain list. */
function listOf(steps: readonly Step[]): ShadowMemory[] {
  const list = new Map<string, ShadowMemory>();
  for (const step of steps) {
    if ("set" in step) list.set(step.set.id, step.set);
    else list.delete(step.remove);
  }
  return [...list.values()];
}

function streamOf(steps: readonly Step[]): ShadowStream {
  const stream = new ShadowStream();
  for (const step of steps) {
    if ("set" in step) stream.set(step.set);
    else stream.remove(step.remove);
  }
  return stream;
}

const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);

it("finds by words, attribute, nearness and what was said last as looking at each memory does", () => {
  fc.assert(
    fc.property(
      anySteps,
      fc.constantFrom(...AUDIENCES),
      fc.boolean(),
      fc.integer({ min: 1, max: 4 }),
      (steps, audience, withEnded, k) => {
        const [stream, list] = [streamOf(steps), listOf(steps)];
        const all = list.filter((one) => one.audience === audience);
        const sought = all.filter(({ ended }) => withEnded || !ended);
        for (const slot of SLOTS) {
          const wanted = sought.filter(({ content }) => content.slots.includes(slot)).map(({ id }) => id);
          const found = stream.findBySlots({ streamId: "s", audience, slots: [slot], withEnded });
          expect(found.toSorted()).toEqual(wanted.sort());
        }
        for (const text of WORDS) {
          const same = all
            .filter(({ content }) => normalizeStatement(content.statement.text) === normalizeStatement(text))
            .toSorted((a, b) => Number(Boolean(a.ended)) - Number(Boolean(b.ended)) || byId(a, b));
          const lasting = { expiresAt: undefined, atLeast: undefined };
          const said = { streamId: "s", audience, text, saidAt: saidOn(0), lasting, given: undefined };
          const found = stream.findExact({ ...said, withinMs: undefined });
          expect(found?.type === "memory" ? found.memoryId : undefined).toBe(same[0]?.id);
        }
        const vector = new Float32Array([1, 0]);
        const nearest = sought
          .map((one) => ({ id: one.id, cosine: dot(one.content.vector, vector) }))
          .toSorted((a, b) => b.cosine - a.cosine || byId(a, b))
          .slice(0, k);
        const filter = { tenantId: "t", projectId: "p", audience, withEnded };
        const found = stream.nearest({ filter, vector, k });
        expect(found.map(({ memoryId: id, cosine }) => ({ id, cosine }))).toEqual(nearest);
        const current = all.filter(({ ended }) => !ended);
        const newest = Math.max(...current.map(({ content }) => content.features.saidAt.getTime()));
        expect(stream.findLast({ streamId: "s", audience, messageId: "m" }).toSorted()).toEqual(
          current
            .filter(({ content }) => content.features.saidAt.getTime() === newest)
            .map(({ id }) => id)
            .sort(),
        );
      },
    ),
  );
});

it("tells what changed since it was asked, once", () => {
  fc.assert(
    fc.property(anySteps, anySteps, (before, after) => {
      const stream = streamOf(before);
      stream.takeChanges();
      const known = new Map(listOf(before).map((one) => [one.id, one]));
      for (const step of after) {
        if ("set" in step) stream.set(step.set);
        else stream.remove(step.remove);
      }
      const { written, removed } = stream.takeChanges();
      for (const id of removed) known.delete(id);
      for (const one of written) known.set(one.id, one);
      expect([...known.values()].sort(byId)).toEqual(listOf([...before, ...after]).sort(byId));
      expect(stream.takeChanges()).toEqual({ written: [], removed: [] });
    }),
  );
});
