import { randomBytes, randomUUID } from "node:crypto";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { fuse } from "@mneme/core/search/fuse.ts";
import type { Candidate, IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { memory, openPool } from "@mneme/opensearch/index-testing.ts";
import { Mneme } from "@mneme/sdk";
import { describe, expect, it } from "vitest";
import { provisionSharedTenants, sharedStack } from "../harness/shared-stack.ts";

const TENANTS = 200;
const LONG_MS = 240_000;

describe("200 tenants that hold almost the same", () => {
  it(
    "each find their own, and all of it",
    async () => {
      const tenants = await provisionSharedTenants("crowd", TENANTS);
      const { url } = sharedStack();
      const words = tenants.map(() => `zq${randomBytes(5).toString("hex")}`);
      const said = (word: string) =>
        ["on the roof", "in the garden", "at the school", "by the river", "in the hills"].map(
          (place) => `Ada keeps bees ${place}, says ${word}.`,
        );
      const found: string[][] = [];
      const waiting = tenants.entries();
      const work = async () => {
        for (const [place, { apiKey }] of waiting) {
          await using mneme = new Mneme({ url, apiKey });
          const ada = mneme.user("ada");
          const messages = said(words[place] as string).map((text) => ({ role: "user" as const, text }));
          const added = await ada.add(messages, { infer: false });
          const { hits } = await ada.search("Where does Ada keep bees?", {
            atLeastAsFresh: added,
            tokenBudget: 2_000,
          });
          found[place] = hits.map(({ memory: { text } }) => text).sort();
        }
      };
      await Promise.all(Array.from({ length: 20 }, work));
      expect(found).toEqual(words.map((word) => said(word).sort()));
    },
    LONG_MS,
  );
});

describe("a small tenant among large ones", () => {
  it(
    "finds what it would find in an index of its own",
    async () => {
      await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir(), cacheSize: 0 });
      await using shared = await openPool({ model: embedder });
      await using own = await openPool({ model: embedder });
      const statements = statementsOf(60);
      const vectors = await embedder.embed(statements, { purpose: "document" });
      const documentsOf = (count: number): IndexedMemory[] => {
        const tenantId = randomUUID();
        return statements.slice(0, count).map((text, place) => {
          const vector = vectors[place] as Float32Array;
          return memory({ tenantId, text, window: text, vector, embeddingModel: embedder.model });
        });
      };
      const small = documentsOf(12);
      // The large ones hold the same and more, so that what is nearest is almost all theirs.
      for (let i = 0; i < 40; i += 1) await shared.index.write(documentsOf(statements.length));
      for (const { index } of [shared, own]) {
        expect(await index.write(small)).toEqual([]);
        await index.refresh();
      }
      const questions = statements.map((text) => `Is it so that ${text}`);
      const asked = await embedder.embed(questions, { purpose: "query" });
      const { tenantId = "", projectId = "" } = small[0] ?? {};
      for (const [place, vector] of asked.entries()) {
        const keywords = questions[place] as string;
        const query = { filter: { tenantId, projectId }, vector, keywords, entities: [], pool: 5 };
        const [among, alone] = await Promise.all([shared, own].map(({ index }) => index.candidates(query)));
        // The nearest by meaning are the same, also where the pool has 2,400 that are nearer or as near.
        expect(nearest(among?.candidates)).toEqual(nearest(alone?.candidates));
        if (place >= small.length) continue;
        // And the whole ranking finds what was asked for as well as there.
        const wide = { ...query, pool: 64 };
        const sets = await Promise.all([shared, own].map(({ index }) => index.candidates(wide)));
        const ranks = sets.map((set) => rankOf(small[place]?.memoryId, set.candidates, keywords));
        expect(ranks[0]).toBe(ranks[1]);
      }
    },
    LONG_MS,
  );

  it("is told nothing of how often the others use a word", async () => {
    await using pool = await openPool();
    const tenantId = randomUUID();
    const texts = ["bees and roses", "bees", "bees bees and clocks"];
    await pool.index.write(texts.map((window) => memory({ tenantId, window })));
    const scores = async () => {
      await pool.index.refresh();
      const filter = { tenantId, projectId: "project" };
      const query = { filter, vector: undefined, keywords: "bees", entities: [], pool: 10 };
      const { candidates } = await pool.index.candidates(query);
      return candidates.map(({ bm25 }) => bm25).sort();
    };
    const before = await scores();
    expect(before).toHaveLength(3);
    for (let i = 0; i < 8; i += 1) {
      const other = randomUUID();
      const crowd = Array.from({ length: 50 }, () => memory({ tenantId: other, window: "bees and roses" }));
      await pool.index.write(crowd);
    }
    const after = await scores();
    // What is left is how long their texts are on average, which moves a share a little, and not the word.
    after.forEach((score, place) => {
      expect(Math.abs(score - (before[place] as number))).toBeLessThan(0.1);
    });
    expect(Math.max(...after)).toBe(1);
  });
});

function rankOf(memoryId: string | undefined, candidates: readonly Candidate[], question: string): number {
  const now = new Date();
  const ranked = fuse(candidates, analyzeQuery(question, { participants: [] }), { now });
  return ranked.findIndex(({ candidate }) => candidate.memoryId === memoryId);
}

function nearest(candidates: readonly Candidate[] = []): string[] {
  const byCosine = candidates.toSorted((a, b) => b.cosine - a.cosine || (a.memoryId < b.memoryId ? -1 : 1));
  return byCosine.slice(0, 5).map(({ memoryId }) => memoryId);
}

/** Statements that resemble each other. */
function statementsOf(count: number): string[] {
  const who = ["Ada", "Bob", "Carl", "Dora", "Erik"];
  const what = ["keeps bees", "grows roses", "mends clocks", "paints boats"];
  const where = ["on the roof", "in the garden", "by the river"];
  return Array.from(
    { length: count },
    (_, i) => `${who[i % 5]} ${what[Math.floor(i / 5) % 4]} ${where[Math.floor(i / 20) % 3]}.`,
  );
}
