import type { MemoryChange } from "@mneme/core/memory/memory-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { dropSummariesOn } from "./consolidation/stale-summaries.ts";
import type { TenantTransaction } from "./database.ts";
import type { ForeseenRetellings } from "./foreseen-retelling.ts";
import { insertMentions } from "./graph-writes.ts";
import { type LockedMemory, requireMemories } from "./locked-memories.ts";
import { compare, type Difference } from "./memory-difference.ts";
import { replaceSlots } from "./memory-slots.ts";
import {
  type NextVersion,
  type SealedWords,
  type WrittenVersion,
  writeNextVersions,
} from "./memory-succession.ts";
import { closeMentions, moveRelations } from "./relation-writes.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** Who writes a version by hand, as its provenance says. */
const BY_HAND = { name: "api", version: "1" } as const;

/**
 * Writes a new version of every memory that a change makes another, and closes the one before it at the same
 * moment.
 *
 * @param foreseen of these changes, read before.
 * @returns the version that each memory has now, in the order of the changes.
 * @throws MnemeError as `requireMemories`, and FIELD_INVALID where validity would end before it begins.
 */
export async function writeChanges(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  changes: readonly MemoryChange[],
  foreseen: ForeseenRetellings,
): Promise<WrittenVersion[]> {
  const { client, content } = transaction;
  const { tenantId } = tenancy;
  const { memories, moment } = await requireMemories(client, tenancy, changes);
  const all = await Promise.all(
    changes.map((change) => {
      return compare(content, change, memories.get(change.memoryId) as LockedMemory, foreseen);
    }),
  );
  const changed = all.filter(({ fields }) => fields.size > 0);
  const next = await Promise.all(changed.map((difference) => toNextVersion(transaction, difference)));
  const written = await writeNextVersions(client, tenantId, next, moment);
  await writeTimes(transaction, tenantId, changed);
  await writeGraph(transaction, tenancy, changed, moment);
  await writeSlots(transaction, tenantId, changed);
  const retold = changed.filter(({ fields }) => TOLD.some((field) => fields.has(field)));
  await dropSummariesOn(
    client,
    tenantId,
    retold.map(({ memory }) => memory.id),
  );
  await wakeIngest(
    client,
    tenantId,
    written.map(({ bucket }) => bucket),
  );
  const versionOf = new Map(written.map((version) => [version.memoryId, version]));
  return all.map(({ memory }) => versionOf.get(memory.id) ?? { ...memory, memoryId: memory.id });
}

/** What a summary tells of an episode. */
const TOLD = ["text", "kind", "category", "validFrom", "validTo"] as const;

async function toNextVersion(transaction: TenantTransaction, difference: Difference): Promise<NextVersion> {
  const { memory, draft, fields, detail, validFrom, validTo } = difference;
  const keyId = memory.key_id ?? transaction.projectKeyId;
  const pick = <T>(field: keyof typeof draft, value: T) => (fields.has(field) ? value : undefined);
  return {
    memoryId: memory.id,
    outcome: "update",
    extractor: BY_HAND,
    extractionId: undefined,
    kind: pick("kind", draft.kind),
    category: pick("category", draft.category),
    origin: pick("origin", draft.origin),
    confidence: pick("confidence", draft.confidence),
    importance: pick("importance", draft.importance),
    validFrom,
    validTo,
    words: fields.has("text") ? await sealWords(transaction, difference, keyId) : undefined,
    detail: detail && (await transaction.content.sealJson(keyId, "memory_versions.detail", detail)),
  };
}

async function sealWords(
  { content, mac }: TenantTransaction,
  { draft: { text }, embedding }: Difference,
  keyId: string,
): Promise<SealedWords> {
  if (!embedding) throw new Error("a changed text comes with its embedding");
  const [sealed, textMac, window, vector] = await Promise.all([
    content.sealText(keyId, "memory_versions.text", text),
    mac("statement", normalizeStatement(text)),
    // Written by hand it stands on its own: the turns around its old source don't say it.
    content.sealText(keyId, "memory_versions.window", text),
    content.sealVector(keyId, "memory_versions.vector", embedding.vector),
  ]);
  const { model, isQuestion, hasTime } = embedding;
  return { text: sealed, textMac, window, vector, model, isQuestion, hasTime };
}

/** What stands on a memory itself, not on a version of it. */
async function writeTimes(
  { client }: TenantTransaction,
  tenantId: string,
  changed: readonly Difference[],
): Promise<void> {
  const timed = changed.filter(({ fields }) => fields.has("expiresAt") || fields.has("reviewAt"));
  if (timed.length === 0) return;
  await client.query({
    name: "change_times",
    text: `update memories m set
             expires_at = case when c.expires then c.expires_at else m.expires_at end,
             expires_given = case when c.expires then c.expires_at is not null else m.expires_given end,
             review_at = case when c.reviews then c.review_at else m.review_at end
           from unnest($2::uuid[], $3::boolean[], $4::timestamptz[], $5::boolean[], $6::timestamptz[])
             as c (id, expires, expires_at, reviews, review_at)
           where m.tenant_id = $1 and m.id = c.id`,
    values: [
      tenantId,
      timed.map(({ memory }) => memory.id),
      timed.map(({ fields }) => fields.has("expiresAt")),
      timed.map(({ draft }) => draft.expiresAt ?? null),
      timed.map(({ fields }) => fields.has("reviewAt")),
      timed.map(({ draft }) => draft.reviewAt ?? null),
    ],
  });
}

/** By what a text by hand is found when something else is said of the same. */
async function writeSlots(
  { client, mac }: TenantTransaction,
  tenantId: string,
  changed: readonly Difference[],
): Promise<void> {
  const retold = changed.flatMap(({ memory, slots }) =>
    slots ? [{ memoryId: memory.id, streamId: memory.stream_id, slots }] : [],
  );
  await replaceSlots(client, tenantId, (slot) => mac("slot", slot), retold);
}

/** Relations follow the statement that tells them: its words, and since and until when it holds. */
async function writeGraph(
  { client, content, mac, projectKeyId }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  changed: readonly Difference[],
  moment: string,
): Promise<void> {
  const retold = changed.flatMap(({ memory, mentions, validFrom, validTo }) =>
    mentions
      ? [
          {
            memoryId: memory.id,
            projectId,
            keyId: memory.key_id ?? projectKeyId,
            ...mentions,
            validFrom,
            validTo,
          },
        ]
      : [],
  );
  const moved = changed.filter(
    ({ fields, mentions }) => !mentions && (fields.has("validFrom") || fields.has("validTo")),
  );
  await closeMentions(
    client,
    tenantId,
    retold.map(({ memoryId }) => memoryId),
    moment,
  );
  await insertMentions({ client, tenantId, content, mac }, retold, moment);
  await moveRelations(
    client,
    tenantId,
    moved.map(({ memory }) => memory.id),
    moment,
  );
}
