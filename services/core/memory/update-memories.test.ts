import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createFreshnessTokens } from "../freshness/tokens.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Settings } from "../tenancy/settings.ts";
import { draftOf } from "./draft-testing.ts";
import type { MemoryDraft } from "./memory.ts";
import type { MemoryChange } from "./memory-store.ts";
import { type MemoryUpdate, updateMemories } from "./update-memories.ts";

const tenancy = { tenantId: "0198b7a0-0000-7000-8000-000000000001", projectId: "p" };
const update = (
  memoryId: string,
  fields: readonly (keyof MemoryDraft)[],
  members: Partial<MemoryDraft> = {},
): MemoryUpdate => ({
  memoryId,
  draft: draftOf("Ada lives in Milan.", members),
  fields: new Set(fields),
  etag: "",
});

function setup(settings: Settings = {}) {
  const written: { changes: readonly MemoryChange[]; request: WriteRequest }[] = [];
  const embedded: string[][] = [];
  const tokens = createFreshnessTokens(randomBytes(32));
  const deps = {
    tokens,
    settings: { of: async () => settings },
    memories: {
      change: async (_: object, changes: readonly MemoryChange[], request: WriteRequest) => {
        written.push({ changes, request });
        return { memories: [], revision: 42n, buckets: [1, 7] };
      },
    },
    embedder: {
      model: "m",
      dimension: 1,
      embed: async (texts: readonly string[]) => {
        embedded.push([...texts]);
        return texts.map((text) => new Float32Array([text.length]));
      },
    },
  };
  const run = (updates: readonly MemoryUpdate[], requestId = "r") =>
    updateMemories(deps, tenancy, {
      rpc: updates.length === 1 ? "UpdateMemory" : "BatchUpdateMemories",
      updates,
      requestId,
      body: new Uint8Array(),
    });
  return { written, embedded, tokens, run };
}

describe("updateMemories", () => {
  it("asks for no entities where the project keeps no graph", async () => {
    const { written, run } = setup({ graphEnabled: false });
    await run([update("a", ["text"])]);
    expect(written[0]?.changes).toMatchObject([{ withoutGraph: true }]);
  });

  it("embeds just the texts that change, in one call", async () => {
    const { written, embedded, tokens, run } = setup();
    const result = await run([
      update("a", ["text"], { text: "four" }),
      update("b", ["category"]),
      update("c", ["text", "kind"], { text: "seven77" }),
    ]);
    expect(embedded).toEqual([["four", "seven77"]]);
    expect(written[0]?.changes.map(({ embedding }) => embedding?.vector[0])).toEqual([4, undefined, 7]);
    expect(written[0]?.request).toMatchObject({ rpc: "BatchUpdateMemories", requestId: "r" });
    expect(tokens.open(tenancy, result.freshnessToken)).toEqual({
      type: "revision",
      revision: 42n,
      buckets: [1, 7],
    });
  });

  it("embeds nothing where no text changes, and makes up a request id", async () => {
    const { written, embedded, run } = setup();
    await run([update("a", ["importance"])], "");
    await run([update("a", ["importance"])], "");
    expect(embedded).toEqual([]);
    const ids = written.map(({ request }) => request.requestId);
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it("refuses words that the project keeps out, of the fields that are written", async () => {
    const { written, run } = setup({ extraction: { excludeSensitive: ["credentials"] } });
    const text = "The door code is 4711.";
    await expect(run([update("a", ["text"], { text })])).rejects.toMatchObject({
      reason: "SENSITIVE_EXCLUDED",
      metadata: { field: "update.memory.text", kind: "credentials" },
    });
    expect(written).toEqual([]);
    await run([update("a", ["importance"], { text })]);
    expect(written).toHaveLength(1);
  });

  it("says which field is wrong", async () => {
    const { written, run } = setup();
    const wrong: [MemoryUpdate[], string][] = [
      [[update("a", [])], "update.update_mask"],
      [[update("a", ["text"], { text: " \n" })], "update.memory.text"],
      [[update("a", ["text"], { text: "nul\0" })], "update.memory.text"],
      [
        [update("a", ["validFrom", "validTo"], { validFrom: new Date(2), validTo: new Date(1) })],
        "update.memory.valid_to",
      ],
      [[update("a", ["validFrom"])], "update.memory.valid_from"],
      [[update("a", ["kind"]), update("b", ["validFrom"])], "updates[1].memory.valid_from"],
      [[update("a", ["kind"]), update("a", ["kind"])], "updates[1].memory_id"],
    ];
    for (const [updates, field] of wrong) {
      await expect(run(updates)).rejects.toMatchObject({ reason: "FIELD_INVALID", fields: [{ field }] });
    }
    expect(written).toEqual([]);
  });
});
