import { isDeepStrictEqual } from "node:util";
import { invalidField } from "@mneme/core/errors.ts";
import type { Mentions } from "@mneme/core/extraction/mentions.ts";
import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import type { DraftField, MemoryChange } from "@mneme/core/memory/memory-store.ts";
import type { Content } from "./content.ts";
import { type ForeseenRetellings, retellingNow } from "./foreseen-retelling.ts";
import type { LockedMemory } from "./locked-memories.ts";
import type { MemoryDetail } from "./memory-detail.ts";

/** What a change makes another of a memory. */
export interface Difference {
  readonly memory: LockedMemory;
  readonly draft: MemoryDraft;
  /** Members of the draft that the memory does not hold already; empty where it stays as it is. */
  readonly fields: ReadonlySet<DraftField>;
  readonly embedding: MemoryChange["embedding"];
  /** Undefined where it stays. */
  readonly detail: MemoryDetail | undefined;
  /** Set where the text is another. */
  readonly mentions: Mentions | undefined;
  /** Set where the text is another. */
  readonly slots: readonly string[] | undefined;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

/** @throws MnemeError FIELD_INVALID where validity would end before it begins. */
export async function compare(
  content: Content,
  { draft, fields, embedding, withoutGraph, at }: MemoryChange,
  memory: LockedMemory,
  foreseen: ForeseenRetellings,
): Promise<Difference> {
  const [text = "", before = NO_DETAIL] = await Promise.all([
    content.openText("memory_versions.text", memory.text_ct),
    content.openJson<MemoryDetail>("memory_versions.detail", memory.detail_ct),
  ]);
  const held = {
    ...memory,
    text,
    metadata: before.metadata,
    validFrom: memory.valid_from,
    validTo: memory.valid_to ?? undefined,
    expiresAt: memory.expires_at ?? undefined,
    reviewAt: memory.review_at ?? undefined,
  };
  const wanted = { ...draft, validFrom: draft.validFrom ?? memory.valid_from };
  const differing = new Set([...fields].filter((field) => !isSame(wanted[field], held[field])));
  const { validFrom } = differing.has("validFrom") ? wanted : held;
  const { validTo } = differing.has("validTo") ? wanted : held;
  if ((differing.has("validFrom") || differing.has("validTo")) && validTo && validTo <= validFrom) {
    throw differing.has("validTo")
      ? invalidField(`${at}.memory.valid_to`, "must be after valid_from")
      : invalidField(`${at}.memory.valid_from`, "must be before valid_to, which the memory has");
  }
  const retold = differing.has("text")
    ? await retellingNow(content, foreseen, draft.text, memory, before.entities)
    : undefined;
  const mentions = retold && (withoutGraph ? NO_MENTIONS : retold.mentions);
  const metadata = differing.has("metadata") && { metadata: draft.metadata };
  const mentioned = mentions && { entities: mentions.entities };
  return {
    memory,
    draft,
    fields: differing,
    embedding,
    detail: metadata || mentions ? { ...before, ...metadata, ...mentioned } : undefined,
    mentions,
    slots: retold?.slots,
    validFrom,
    validTo,
  };
}

const NO_MENTIONS: Mentions = { entities: [], relations: [] };
const NO_DETAIL: MemoryDetail = { metadata: {}, entities: [], speaker: null };

/** Shares are kept in single precision. */
function isSame(a: MemoryDraft[DraftField], b: MemoryDraft[DraftField]): boolean {
  if (typeof a === "number" && typeof b === "number") return Math.fround(a) === Math.fround(b);
  return isDeepStrictEqual(a, b);
}
