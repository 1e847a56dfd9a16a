import { setImmediate } from "node:timers/promises";
import { slotsOf } from "@mneme/core/claims/slot-keys.ts";
import { selvesOf } from "@mneme/core/claims/tellers.ts";
import { readTold } from "@mneme/core/claims/told-in.ts";
import { type Mentions, mentionsOf } from "@mneme/core/extraction/mentions.ts";
import { DEFAULT_LANGUAGE } from "@mneme/core/language/languages.ts";
import type { EntityMention } from "@mneme/core/memory/memory.ts";
import type { MemoryChange } from "@mneme/core/memory/memory-store.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { Participant } from "@mneme/core/tenancy/scope.ts";
import type { Content } from "./content.ts";
import { claimedQuery } from "./idempotency.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import { CURRENT_VERSION } from "./memory-rows.ts";
import { PROJECT_LANGUAGE } from "./project-language.ts";
import type { Query, TenantReader } from "./read-together.ts";

/** What a memory has that decides what a new text of it mentions. */
interface ToldBefore {
  readonly id: string;
  readonly version: number;
  /** Who speaks where it was said. */
  readonly participants_ct: Buffer | null;
  readonly subject_id: string | null;
  /** What its project's people write in; null of what belongs to no project. */
  readonly language: string | null;
}

interface ToldRow extends ToldBefore {
  readonly stream_id: string;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
}

/** What a new text of a memory tells. */
export interface Retelling {
  readonly mentions: Mentions;
  /** As `slotsOf`. */
  readonly slots: readonly string[];
}

/** By memory: what its new text tells, as long as nobody changes what it was read by. */
export type ForeseenRetellings = ReadonlyMap<string, ToldBefore & Retelling>;

/**
 * Reads new texts before anything is locked: a thousand long ones take seconds. Others get their turn between
 * two of them. Of a request that is done nothing is written, so nothing is read either.
 */
export async function foreseeRetellings(
  reader: TenantReader,
  changes: readonly MemoryChange[],
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<ForeseenRetellings> {
  const texts = new Map(
    changes.flatMap(({ memoryId, draft, fields }) => (fields.has("text") ? [[memoryId, draft.text]] : [])),
  );
  const foreseen = new Map<string, ToldBefore & Retelling>();
  if (texts.size === 0) return foreseen;
  const { content } = reader;
  const claimed = await claimedQuery(reader, request);
  const [done, rows] = await reader.read([claimed, toldQuery(reader, [...texts.keys()])], signal);
  if (done.length > 0) return foreseen;
  const speakers = new Map<string, readonly Participant[]>();
  for (const row of rows) {
    await setImmediate();
    signal?.throwIfAborted();
    const text = texts.get(row.id) ?? "";
    if ((await content.openText("memory_versions.text", row.text_ct)) === text) continue;
    const detail = await content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct);
    const told = speakers.get(row.stream_id) ?? (await speakersIn(content, row));
    speakers.set(row.stream_id, told);
    foreseen.set(row.id, { ...row, ...retellingOf(text, detail?.entities ?? [], told, row) });
  }
  return foreseen;
}

/** What a new text of a locked memory tells: what was foreseen, or read anew where that was overtaken. */
export async function retellingNow(
  content: Content,
  foreseen: ForeseenRetellings,
  text: string,
  memory: ToldBefore,
  entities: readonly EntityMention[],
): Promise<Retelling> {
  const known = foreseen.get(memory.id);
  // Of a version its entities never change; names sealed anew are other bytes, also where they are the same.
  if (known?.version === memory.version && isSame(known.participants_ct, memory.participants_ct)) {
    return known;
  }
  return retellingOf(text, entities, await speakersIn(content, memory), memory);
}

function retellingOf(
  text: string,
  entities: readonly EntityMention[],
  participants: readonly Participant[],
  { subject_id, language }: ToldBefore,
): Retelling {
  const names = participants.map(({ name }) => name);
  // A scope of several people is nobody's own: all are called by their names.
  const selves = selvesOf(subject_id === null ? [] : participants);
  return {
    mentions: mentionsOf(text, entities, names),
    slots: slotsOf(readTold(text.slice(0, SLOTS_WITHIN), selves, language ?? DEFAULT_LANGUAGE)),
  };
}

/** Characters of a text in which slots are looked for; its first few count anyway. */
const SLOTS_WITHIN = 1_000;

function isSame(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

function toldQuery({ tenantId, projectId }: TenantReader, ids: readonly string[]): Query<ToldRow> {
  return {
    name: "read_mentioned",
    text: `select m.id, m.stream_id, v.version, v.text_ct, v.detail_ct, s.participants_ct, s.subject_id, ${PROJECT_LANGUAGE}
           from memories m ${CURRENT_VERSION}
           join streams s on s.tenant_id = m.tenant_id and s.id = m.stream_id
           where m.tenant_id = $1 and m.project_id = $2 and m.id = any ($3::uuid[])`,
    values: [tenantId, projectId, ids],
  };
}

async function speakersIn(
  content: Content,
  { participants_ct }: ToldBefore,
): Promise<readonly Participant[]> {
  return (await content.openJson<Participant[]>("streams.participants", participants_ct)) ?? [];
}
