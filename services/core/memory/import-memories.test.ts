import { describe, expect, it } from "vitest";
import type { Settings } from "../tenancy/settings.ts";
import type { AcceptInput, ConversationStore } from "./conversation-store.ts";
import { draftOf } from "./draft-testing.ts";
import { type ImportItem, importMemories } from "./import-memories.ts";

const tenancy = { tenantId: "t", projectId: "p" };

function item(text: string, rest: Partial<ImportItem> = {}): ImportItem {
  return {
    scope: undefined,
    requestId: "",
    body: Buffer.from(text),
    draft: draftOf(text),
    saidAt: undefined,
    ...rest,
  };
}

async function run(items: ImportItem[], settings: Settings = {}) {
  const accepted: AcceptInput[] = [];
  const conversations: ConversationStore = {
    accept: async (_, input) => {
      accepted.push(input);
      return { extraction: { id: `e${accepted.length}` }, messageIds: [] } as never;
    },
  };
  const tokens = {
    seal: () => "token",
    open: () => ({ type: "revision", revision: 0n, buckets: [] }) as const,
  };
  const stream = (async function* () {
    yield* items;
  })();
  const deps = { conversations, tokens, settings: { of: async () => settings } };
  return { result: await importMemories(deps, tenancy, stream), accepted };
}

describe("importMemories", () => {
  it("keeps chunks of one scope, under one request id each", async () => {
    const items = Array.from({ length: 600 }, (_, i) => item(`fact ${i}`));
    items[0] = item("fact 0", { scope: { userId: "ada" }, requestId: "import-1" });
    items[300] = item("fact 300", { scope: { userId: "bo" } });
    const { result, accepted } = await run(items);
    expect(result).toMatchObject({ accepted: 600, extractionIds: ["e1", "e2", "e3", "e4"] });
    expect(accepted.map(({ scope, items }) => [scope.userId, items.length])).toEqual([
      ["ada", 250],
      ["ada", 50],
      ["bo", 250],
      ["bo", 50],
    ]);
    expect(accepted.map(({ request }) => request.requestId)).toEqual(
      [0, 1, 2, 3].map((n) => `import-1#${n}`),
    );
  });

  it("takes what was so long ago as said now", async () => {
    const before = Date.now();
    const born = draftOf("Ada was born in Braga.", { validFrom: new Date("1990-05-02") });
    const { accepted } = await run([item("", { scope: { userId: "ada" }, draft: born })]);
    const [kept] = accepted[0]?.items ?? [];
    expect(kept).toMatchObject({ type: "draft", draft: born });
    expect(kept?.type === "draft" && kept.sentAt.getTime()).toBeGreaterThanOrEqual(before);
  });

  it("keeps when a statement was said where it comes from", async () => {
    const saidAt = new Date("2024-11-20T09:30:00Z");
    const { accepted } = await run([item("Ada rows.", { scope: { userId: "ada" }, saidAt })]);
    expect(accepted[0]?.items).toMatchObject([{ sentAt: saidAt }]);
  });

  it("refuses an import of nothing", async () => {
    await expect(run([])).rejects.toMatchObject({ reason: "FIELD_INVALID" });
  });

  it("refuses what the project keeps out of its memories, and says where without quoting it", async () => {
    const settings: Settings = { extraction: { excludeSensitive: ["payment", "health"] } };
    const scope = { userId: "ada" };
    const importing = (text: string, metadata = {}) =>
      run([item("", { scope, draft: draftOf(text, { metadata }) })], settings);
    const refusal = await importing("Her card is 4111 1111 1111 1111.").catch((error) => error);
    expect(refusal).toMatchObject({
      reason: "SENSITIVE_EXCLUDED",
      metadata: { field: "memory.text", kind: "payment" },
    });
    expect(refusal.message).not.toContain("4111");
    await expect(importing("Ada pays.", { iban: "DE89370400440532013000" })).rejects.toMatchObject({
      metadata: { field: "memory.metadata" },
    });
    // Of health its word holds: what words mean is not sure enough to refuse it.
    expect((await importing("Ada has asthma.")).accepted).toHaveLength(1);
  });

  it("asks for a scope on the first statement", async () => {
    await expect(run([item("fact")])).rejects.toMatchObject({ reason: "SCOPE_REQUIRED" });
  });
});
