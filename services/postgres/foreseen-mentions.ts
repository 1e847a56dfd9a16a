import { setImmediate } from "node:timers/promises";
import { type Mentions, mentionsOf } from "@mneme/core/extraction/mentions.ts";
import type { EntityMention } from "@mneme/core/memory/memory.ts";
import type { MemoryChange } from "@mneme/core/memory/memory-store.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { Participant } from "@mneme/core/tenancy/scope.ts";
import type { Content } from "./content.ts";
import { claimedQuery } from "./idempotency.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import { CURRENT_VERSION } from "./memory-rows.ts";
import type { Query, TenantReader } from "./read-together.ts";

/** What a memory has that decides what a new text of it mentions. */
interface MentionedBefore {
  readonly id: string;
  readonly version: number;
  /** Who speaks where it was said. */
  readonly participants_ct: Buffer | null;
}

interface MentionedRow extends MentionedBefore {
  readonly stream_id: string;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
}

/** By memory: what its new text mentions, as long as nobody changes what it was read by. */
export type ForeseenMentions = ReadonlyMap<string, MentionedBefore & { readonly mentions: Mentions }>;

/**
 * Reads new texts before anything is locked: a thousand long ones take seconds. Others get their turn between
 * two of them. Of a request that is done nothing is written, so nothing is read either.
 */
export async function foreseeMentions(
  reader: TenantReader,
  changes: readonly MemoryChange[],
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<ForeseenMentions> {
  const texts = new Map(
    changes.flatMap(({ memoryId, draft, fields, withoutGraph }) =>
      fields.has("text") && !withoutGraph ? [[memoryId, draft.text]] : [],
    ),
  );
  const foreseen = new Map<string, MentionedBefore & { mentions: Mentions }>();
  if (texts.size === 0) return foreseen;
  const { content } = reader;
  const claimed = await claimedQuery(reader, request);
  const [done, rows] = await reader.read([claimed, mentionedQuery(reader, [...texts.keys()])], signal);
  if (done.length > 0) return foreseen;
  const speakers = new Map<string, readonly string[]>();
  for (const row of rows) {
    await setImmediate();
    signal?.throwIfAborted();
    const text = texts.get(row.id) ?? "";
    if ((await content.openText("memory_versions.text", row.text_ct)) === text) continue;
    const detail = await content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct);
    const names = speakers.get(row.stream_id) ?? (await speakersOf(content, row));
    speakers.set(row.stream_id, names);
    foreseen.set(row.id, { ...row, mentions: mentionsOf(text, detail?.entities ?? [], names) });
  }
  return foreseen;
}

/** What a new text of a locked memory mentions: what was foreseen, or read anew where that was overtaken. */
export async function mentionsNow(
  content: Content,
  foreseen: ForeseenMentions,
  text: string,
  memory: MentionedBefore,
  entities: readonly EntityMention[],
): Promise<Mentions> {
  const known = foreseen.get(memory.id);
  // Of a version its entities never change; names sealed anew are other bytes, also where they are the same.
  if (known?.version === memory.version && isSame(known.participants_ct, memory.participants_ct)) {
    return known.mentions;
  }
  return mentionsOf(text, entities, await speakersOf(content, memory));
}

function isSame(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function mentionedQuery({ tenantId, projectId }: TenantReader, ids: readonly string[]): Query<MentionedRow> {
  return {
    name: "read_mentioned",
    text: `select m.id, m.stream_id, v.version, v.text_ct, v.detail_ct, s.participants_ct
           from memories m ${CURRENT_VERSION}
           join streams s on s.tenant_id = m.tenant_id and s.id = m.stream_id
           where m.tenant_id = $1 and m.project_id = $2 and m.id = any ($3::uuid[])`,
    values: [tenantId, projectId, ids],
  };
}

async function speakersOf(content: Content, { participants_ct }: MentionedBefore): Promise<string[]> {
  const participants = await content.openJson<Participant[]>("streams.participants", participants_ct);
  return (participants ?? []).map(({ name }) => name);
}
