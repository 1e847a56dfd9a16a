import { v7 as uuidv7 } from "uuid";
import type { Embedder } from "../embedding/embedder.ts";
import type { ViewFor } from "../embedding/views.ts";
import { invalidField } from "../errors.ts";
import { refusedKinds, refuseSensitive } from "../extraction/sensitive/refuse-sensitive.ts";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import { type Language, languageOf } from "../language/languages.ts";
import { textFeatures } from "../search/turn-features.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { Memory, MemoryDraft } from "./memory.ts";
import type { DraftField, MemoryChange, MemoryStore } from "./memory-store.ts";

export interface MemoryUpdate {
  readonly memoryId: string;
  readonly draft: MemoryDraft;
  /** Which members of the draft to write; at least one. */
  readonly fields: ReadonlySet<DraftField>;
  /** Empty: any version. */
  readonly etag: string;
}

export interface UpdateMemoriesCommand {
  readonly rpc: "UpdateMemory" | "BatchUpdateMemories";
  /** Each memory once. */
  readonly updates: readonly MemoryUpdate[];
  /** Empty: made up here. */
  readonly requestId: string;
  /** Canonical bytes of the request. */
  readonly body: Uint8Array;
}

export interface UpdateMemoriesDeps {
  readonly memories: Pick<MemoryStore, "change">;
  readonly settings: SettingsOf;
  readonly embedder: Embedder;
  /** By whatever a project names instead. */
  readonly viewFor?: ViewFor<unknown>;
  readonly tokens: FreshnessTokens;
}

export interface UpdatedMemories {
  /** As they are now, in the order sent: as many as one answer holds. */
  readonly memories: readonly Memory[];
  readonly freshnessToken: string;
}

/**
 * Changes memories by hand, all or none; the versions before stay in their history. What is as it should be
 * already stays as it is, without a new version.
 *
 * @throws MnemeError FIELD_INVALID, MEMORY_NOT_FOUND, ETAG_MISMATCH, SUBJECT_FENCED, REQUEST_ID_REUSED,
 *   SENSITIVE_EXCLUDED, and what the embedder throws.
 */
export async function updateMemories(
  { memories, settings, embedder, viewFor, tokens }: UpdateMemoriesDeps,
  tenancy: Tenancy,
  command: UpdateMemoriesCommand,
  signal?: AbortSignal,
): Promise<UpdatedMemories> {
  const { rpc, updates, body } = command;
  const { graphEnabled = true, language, models } = await settings.of(tenancy.tenantId, tenancy.projectId);
  const kinds = await refusedKinds(settings, tenancy);
  const placed = updates.map((update, i) => ({
    ...update,
    withoutGraph: !graphEnabled,
    at: rpc === "UpdateMemory" ? "update" : `updates[${i}]`,
  }));
  validate(placed);
  for (const { draft, fields, at } of placed)
    refuseSensitive(kinds, {
      text: fields.has("text") ? draft.text : undefined,
      metadata: fields.has("metadata") ? draft.metadata : undefined,
      fields: { text: `${at}.memory.text`, metadata: `${at}.memory.metadata` },
    });
  const changes = await embedTexts(
    viewFor?.(models?.embedder).embedder ?? embedder,
    placed,
    languageOf(language),
    signal,
  );
  const request = { rpc, requestId: command.requestId || uuidv7(), body };
  const { memories: changed, revision, buckets } = await memories.change(tenancy, changes, request, signal);
  return {
    memories: changed,
    freshnessToken: tokens.seal(tenancy, { type: "revision", revision, buckets }),
  };
}

type PlacedUpdate = MemoryUpdate & Pick<MemoryChange, "at" | "withoutGraph">;

function validate(updates: readonly PlacedUpdate[]): void {
  const seen = new Set<string>();
  for (const { memoryId, draft, fields, at } of updates) {
    if (seen.has(memoryId)) throw invalidField(`${at}.memory_id`, "is named twice; name each memory once");
    seen.add(memoryId);
    if (fields.size === 0) throw invalidField(`${at}.update_mask`, "names no field; say what to write");
    if (fields.has("text")) requireText(`${at}.memory.text`, draft.text);
    const { validFrom, validTo } = draft;
    if (fields.has("validFrom") && !validFrom) {
      throw invalidField(`${at}.memory.valid_from`, "a memory always holds since some time: give one");
    }
    const bothWritten = fields.has("validFrom") && fields.has("validTo");
    if (bothWritten && validFrom && validTo && validTo <= validFrom) {
      throw invalidField(`${at}.memory.valid_to`, "must be after valid_from");
    }
  }
}

function requireText(field: string, text: string): void {
  if (!/\S/u.test(text)) throw invalidField(field, "must not be empty");
  if (text.includes("\0")) throw invalidField(field, "must not hold NUL characters");
}

async function embedTexts(
  embedder: Embedder,
  updates: readonly PlacedUpdate[],
  language: Language,
  signal: AbortSignal | undefined,
): Promise<MemoryChange[]> {
  const texts = updates.filter(({ fields }) => fields.has("text")).map(({ draft }) => draft.text);
  const vectors =
    texts.length === 0 ? [] : await embedder.embed(texts, { purpose: "document", ...(signal && { signal }) });
  const { model } = embedder;
  let next = 0;
  return updates.map((update) => {
    const vector = update.fields.has("text") ? vectors[next++] : undefined;
    const features = textFeatures(update.draft.text, language);
    return { ...update, embedding: vector && { vector, model, ...features } };
  });
}
