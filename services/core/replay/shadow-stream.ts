import type {
  ExactMatch,
  KnownStatement,
  LastQuery,
  SaidStatement,
  SlotQuery,
  StreamMemory,
} from "../extraction/ingest-store.ts";
import { lastsAsLong } from "../extraction/lasting.ts";
import { normalizeStatement } from "../memory/normalize.ts";
import type { NearestQuery, Neighbour } from "../search/memory-index.ts";
import { dot } from "../search/vector.ts";
import type { ShadowMemory } from "./shadow-memory.ts";

/** As many as ingest finds by one attribute: see `findBySlots` of the record. */
const OF_A_SLOT = 8;

/**
 * What a replay has read of one stream so far: it answers as the record and the index do to ingest, and nothing of what
 * people's searches see is part of it. Held in memory while the stream is read.
 */
export class ShadowStream {
  readonly #memories = new Map<string, ShadowMemory>();
  readonly #byWords = new Register();
  readonly #bySlot = new Register();
  #changed = new Set<string>();

  constructor(memories: readonly ShadowMemory[] = []) {
    for (const memory of memories) this.set(memory);
    this.#changed.clear();
  }

  get memories(): readonly ShadowMemory[] {
    return [...this.#memories.values()];
  }

  get(id: string): ShadowMemory | undefined {
    return this.#memories.get(id);
  }

  set(memory: ShadowMemory): void {
    const { id, content } = memory;
    const before = this.#memories.get(id)?.content;
    this.#memories.set(id, memory);
    this.#changed.add(id);
    if (before?.statement.text !== content.statement.text)
      this.#byWords.put(id, [normalizeStatement(content.statement.text)]);
    if (before?.slots !== content.slots) this.#bySlot.put(id, content.slots);
  }

  remove(id: string): void {
    if (!this.#memories.delete(id)) return;
    this.#changed.add(id);
    this.#byWords.put(id, []);
    this.#bySlot.put(id, []);
  }

  /** What changed since this was asked last. */
  takeChanges(): ShadowChanges {
    const ids = [...this.#changed];
    this.#changed = new Set();
    return {
      written: ids.flatMap((id) => this.#memories.get(id) ?? []),
      removed: ids.filter((id) => !this.#memories.has(id)),
    };
  }

  /** As `IngestStore.findExact`, of memories alone: of several the oldest that is so today. */
  findExact(said: SaidStatement): ExactMatch | undefined {
    const same = this.#byWords
      .get(normalizeStatement(said.text))
      .flatMap((id) => this.#memories.get(id) ?? [])
      .filter(({ audience }) => audience === said.audience)
      .filter((one) => holdsThen(one, said))
      .filter(({ content }) => lastsAsLong(content, said.lasting))
      .filter((one) => isWithin(one, said));
    const isOver = ({ ended }: ShadowMemory) => (ended ? 1 : 0);
    const [oldest] = same.toSorted((a, b) => isOver(a) - isOver(b) || (a.id < b.id ? -1 : 1));
    return oldest && { type: "memory", memoryId: oldest.id, version: 1 };
  }

  /** As `IngestStore.findBySlots`. */
  findBySlots({ audience, slots, withEnded }: SlotQuery): readonly string[] {
    const found = slots.flatMap((slot) =>
      this.#bySlot
        .get(slot)
        .filter((memoryId) => this.#isSought(memoryId, audience, withEnded))
        .sort((a, b) => (a < b ? 1 : -1))
        .slice(0, OF_A_SLOT),
    );
    return [...new Set(found)];
  }

  /** As `IngestStore.findLast`, of what was said first by then: what a shadow holds was read in that order. */
  findLast({ audience }: LastQuery): readonly string[] {
    const current = this.#of(audience).filter(({ content }) => content.features.role === "user");
    const newest = Math.max(...current.map(({ content }) => content.features.saidAt.getTime()));
    return current.filter(({ content }) => content.features.saidAt.getTime() === newest).map(({ id }) => id);
  }

  /** As `IngestStore.statements`. */
  statement({ audience, memoryId, withEnded }: StreamMemory): KnownStatement | undefined {
    const memory = this.#memories.get(memoryId);
    return memory && this.#isSought(memoryId, audience, withEnded) ? knownOf(memory) : undefined;
  }

  /** As `MemoryIndex.nearest`, exactly: of the audience, nearest first. */
  nearest({ filter, vector, k }: NearestQuery): readonly Neighbour[] {
    const nearest: Neighbour[] = [];
    for (const { id: memoryId, content } of this.#of(filter.audience, filter.withEnded)) {
      if (content.vector.length !== vector.length) continue;
      const one = { memoryId, version: 1, cosine: dot(content.vector, vector) };
      const last = nearest[k - 1];
      if (last && byNearness(last, one) < 0) continue;
      nearest.splice(k - 1, 1);
      const place = nearest.findIndex((other) => byNearness(one, other) < 0);
      nearest.splice(place < 0 ? nearest.length : place, 0, one);
    }
    return nearest;
  }

  #isSought(id: string, audience: string, withEnded = false): boolean {
    const memory = this.#memories.get(id);
    return memory !== undefined && (withEnded || !memory.ended) && memory.audience === audience;
  }

  /** What is so today, unless what has ended is sought as well. */
  #of(audience: string | undefined, withEnded = false): ShadowMemory[] {
    return this.memories.filter(
      (one) => (withEnded || !one.ended) && (audience === undefined || one.audience === audience),
    );
  }
}

/** Ids by keys of theirs. */
class Register {
  readonly #ids = new Map<string, Set<string>>();
  readonly #keys = new Map<string, readonly string[]>();

  get(key: string): string[] {
    return [...(this.#ids.get(key) ?? [])];
  }

  /** Instead of the keys that it had. */
  put(id: string, keys: readonly string[]): void {
    for (const key of this.#keys.get(id) ?? []) this.#ids.get(key)?.delete(id);
    this.#keys.set(id, keys);
    for (const key of keys) {
      const ids = this.#ids.get(key) ?? new Set();
      this.#ids.set(key, ids.add(id));
    }
  }
}

function byNearness(a: Neighbour, b: Neighbour): number {
  return b.cosine - a.cosine || (a.memoryId < b.memoryId ? -1 : 1);
}

export interface ShadowChanges {
  readonly written: readonly ShadowMemory[];
  readonly removed: readonly string[];
}

function knownOf({ content, embeddingModel, ended }: ShadowMemory): KnownStatement {
  const { statement, features, vector, expiresAt, isExpiryGiven } = content;
  return {
    version: 1,
    isOver: ended !== undefined,
    text: statement.text,
    kind: statement.kind,
    speaker: features.speaker,
    role: features.role,
    saidAt: features.saidAt,
    validFrom: statement.valid.from ?? features.saidAt,
    validTo: statement.valid.to,
    expiresAt,
    isExpiryGiven,
    metadata: content.metadata,
    entities: statement.entities,
    confidence: statement.confidence,
    importance: statement.importance,
    vector,
    embeddingModel,
  };
}

/** See `SaidStatement.withinMs`. */
function isWithin({ content }: ShadowMemory, { saidAt, withinMs }: SaidStatement): boolean {
  if (withinMs === undefined || content.statement.kind !== "episodic") return true;
  return Math.abs(content.features.saidAt.getTime() - saidAt.getTime()) <= withinMs;
}

/** Since and until the same times of a finished statement; of another whether it is so when that is said. */
function holdsThen({ content, ended }: ShadowMemory, { given, saidAt }: SaidStatement): boolean {
  const { from = content.features.saidAt, to } = content.statement.valid;
  // What was never so is still what that message said.
  const isOfThen = to !== undefined && to <= from && content.features.saidAt.getTime() === saidAt.getTime();
  if (!given) return to === undefined || to > saidAt || isOfThen;
  return (
    (!ended || saidAt < ended.at) &&
    to?.getTime() === given.validTo?.getTime() &&
    (given.validFrom === undefined || from.getTime() === given.validFrom.getTime())
  );
}
