import fc from "fast-check";
import { countTokens as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { countTokens as gpt2 } from "gpt-tokenizer/encoding/gpt2";
import { countTokens as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { expect, it } from "vitest";
import type { MemoryKind } from "../memory/memory.ts";
import { profileMemory } from "../profile/profile-testing.ts";
import { candidateOf, TENANCY, worldOf } from "../search/search-testing.ts";
import { contextCommand, contextDepsOf, keptTurn } from "./context-testing.ts";
import { getContext } from "./get-context.ts";
import { CONTEXT_SECTIONS } from "./sections.ts";

const COUNTERS = { o200k_base: o200k, "gpt-4": cl100k, gpt2, "claude-sonnet-4": o200k };
const PLAIN = { disallowedSpecial: new Set<string>() };

const words = fc
  .array(
    fc.constantFrom("Ada", "sails", "to", "東京", "naïve", "🛶", "3.5", "[12]", "<|endoftext|>", "-", "\n"),
    {
      minLength: 1,
      maxLength: 60,
    },
  )
  .map((list) => list.join(" "));
const text = fc.oneof(words, fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 }));
const kind = fc.constantFrom<MemoryKind>("semantic", "episodic", "procedural");
const sections = fc
  .shuffledSubarray([...CONTEXT_SECTIONS], { minLength: 1 })
  .chain((order) =>
    fc.tuple(
      ...order.map((section) =>
        fc.record({ section: fc.constant(section), share: fc.integer({ min: 1, max: 100 }) }),
      ),
    ),
  );

it("a context never exceeds its budget, whatever the texts, the sections and the model", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ text, kind }), { maxLength: 60 }),
      fc.array(text, { maxLength: 30 }),
      fc.array(text, { maxLength: 30 }),
      fc.oneof(fc.integer({ min: 50, max: 400 }), fc.integer({ min: 50, max: 32_000 })),
      fc.constantFrom(...(Object.keys(COUNTERS) as (keyof typeof COUNTERS)[])),
      sections,
      async (found, profile, turns, tokenBudget, model, wishes) => {
        const world = worldOf(Object.fromEntries(found.map((one, i) => [`m${i}`, one.text])));
        world.memories = world.memories.map((memory, i) => ({
          ...memory,
          kind: found[i]?.kind ?? "semantic",
        }));
        world.candidates = world.memories.map((memory, i) =>
          candidateOf(memory.id, 0.9 - i / 100, { kind: memory.kind }),
        );
        const around = {
          // The first ones are found as well.
          profile: profile.map((one, i) => profileMemory(`m${i}`, found[i]?.text ?? one)),
          turns: turns.map((one, i) => keptTurn(`t${i}`, one)),
        };
        const command = { scope: { userId: "ada", sessionId: "s" }, tokenBudget, model, sections: wishes };
        const block = await getContext(contextDepsOf(world, around), TENANCY, contextCommand("x", command));
        const count = COUNTERS[model];
        expect(block.tokens).toBe(block.text === "" ? 0 : count(block.text, PLAIN));
        expect(block.tokens).toBeLessThanOrEqual(tokenBudget);
        expect(block.citations.map(({ number }) => number)).toEqual(block.citations.map((_, i) => i + 1));
        const lines = block.text.split("\n").filter((line) => line.startsWith("- "));
        expect(lines.map((line) => /\[(\d+)\]$/.exec(line)?.[1])).toEqual(
          block.citations.map(({ number }) => String(number)),
        );
        // A memory is told once, or left out with a reason.
        const told = block.citations.flatMap(({ memoryId }) => memoryId ?? []);
        expect(new Set(told).size).toBe(told.length);
        expect(block.leftOut.filter(({ memoryId }) => told.includes(memoryId))).toEqual([]);
        const order = block.sections.map(({ section }) => section);
        expect(order).toEqual(
          wishes.map(({ section }) => section).filter((section) => order.includes(section)),
        );
      },
    ),
    { numRuns: 150 },
  );
});
