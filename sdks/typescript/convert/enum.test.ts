import { describe, expect, it } from "vitest";
import type { ExtractionState } from "../types/extraction.ts";
import type { MemoryKind, MemoryOrigin, ReconcileOutcome } from "../types/memory.ts";
import type { Role } from "../types/message.ts";
import type { LeftOutReason, Recency, Recipe } from "../types/search.ts";
import { states } from "./extraction.ts";
import { kinds, origins, outcomes } from "./memory.ts";
import { roles } from "./message.ts";
import { leftOutReasons, recencies, recipes } from "./search.ts";

/** Lists a union's members, so that the compiler finds one too many and one too few. */
const all = <T extends string>(members: Record<T, true>) => Object.keys(members).sort();

describe("enums", () => {
  it.each([
    ["Role", roles, all<Role>({ user: true, assistant: true, system: true, tool: true })],
    ["MemoryKind", kinds, all<MemoryKind>({ semantic: true, episodic: true, procedural: true })],
    ["MemoryOrigin", origins, all<MemoryOrigin>({ stated: true, inferred: true, tool: true })],
    [
      "ReconcileOutcome",
      outcomes,
      all<ReconcileOutcome>({ add: true, update: true, supersede: true, noop: true, delete: true }),
    ],
    [
      "ExtractionState",
      states,
      all<ExtractionState>({
        queued: true,
        running: true,
        extracted: true,
        searchable: true,
        failed: true,
        dropped: true,
      }),
    ],
    [
      "Recipe",
      recipes,
      all<Recipe>({ measured: true, weighted: true, rrf: true, keyword: true, semantic: true }),
    ],
    ["Recency", recencies, all<Recency>({ off: true, exponential: true, linear: true })],
    [
      "LeftOutReason",
      leftOutReasons,
      all<LeftOutReason>({
        budget: true,
        limit: true,
        similarity: true,
        score: true,
        duplicate: true,
        not_current: true,
        size: true,
        not_read: true,
      }),
    ],
  ])("%s has the wire's names and no others", (_name, codec, members) => {
    expect([...codec.names].sort()).toEqual(members);
  });

  it("turns what a newer server sends, and nothing, into undefined", () => {
    expect(roles.fromWire(0)).toBeUndefined();
    expect(roles.fromWire(99 as never)).toBeUndefined();
    expect(roles.toWire(undefined, "role")).toBe(0);
  });
});
