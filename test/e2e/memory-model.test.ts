import { readFileSync } from "node:fs";
import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

/** The examples that docs/memory-model.md gives of what becomes of a statement. */
const PAGE = readFileSync(new URL("../../docs/memory-model.md", import.meta.url), "utf8");

interface Example {
  readonly known: string;
  readonly said: string;
  readonly becomes: string;
  readonly rule: string;
  readonly holds: readonly string[];
  readonly gone: readonly string[];
}

function examples(): Example[] {
  const section = PAGE.split("\n## ").find((one) => one.startsWith("Reconcile\n")) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && !line.startsWith("| known"));
  return rows.map((row) => {
    const [known = "", said = "", becomes = "", rule = "", then = ""] = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const parts = then.split(/[;,] /);
    const gone = parts.flatMap((part) => (part.startsWith("not: ") ? [part.slice(5)] : []));
    const holds = parts.filter((part) => !part.startsWith("not: "));
    return { known, said, becomes, rule: rule.replaceAll("`", ""), holds, gone };
  });
}

describe("the examples of docs/memory-model.md", () => {
  let mneme: Mneme;
  beforeAll(async () => {
    const { apiKey } = await provisionSharedTenant("memory model");
    mneme = new Mneme({ url: sharedStack().url, apiKey });
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  it("are told", () => {
    expect(examples().length).toBeGreaterThanOrEqual(10);
  });

  it.each(examples())("$known $said: $becomes", async ({ known, said, becomes, rule, holds, gone }) => {
    const ada = mneme.user(`${known} ${said}`);
    const at = (minute: number) => ({
      role: "user" as const,
      sentAt: new Date(Date.UTC(2026, 4, 1, 10, minute)),
    });
    await ada.add([{ ...at(0), text: known }], { waitFor: "extracted" });
    const { extraction } = await ada.add([{ ...at(10), text: said }], { waitFor: "extracted" });
    const { added, updated, superseded, deleted, unchanged } = extraction?.counts ?? {};
    expect({ ADD: added, UPDATE: updated, SUPERSEDE: superseded, DELETE: deleted, NOOP: unchanged }).toEqual({
      ...{ ADD: 0, UPDATE: 0, SUPERSEDE: 0, DELETE: 0, NOOP: 0 },
      ...(becomes !== "nothing" && { [becomes]: 1 }),
    });
    const memories = await ada.list().toArray();
    const texts = memories.map(({ text }) => text);
    for (const words of holds) expect(texts.some((text) => text.includes(words))).toBe(true);
    for (const words of gone) expect(texts.filter((text) => text.includes(words))).toEqual([]);
    if (rule !== "") expect(memories.map((memory) => memory.provenance?.rule)).toContain(rule);
  });
});
