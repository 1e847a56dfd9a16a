import { create, type MessageShape } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromDate, timestampMs, timestampNow } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import {
  DirectReason,
  type ExtractionCounts,
  ExtractionCountsSchema,
  type ExtractionSchema,
  ExtractionState,
  Processing,
} from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import {
  ArchiveReason,
  type MemoryDraft,
  MemorySchema,
  type Memory as WireMemory,
} from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import type { MemoryUpdate } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { type Message, Role } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { v7 as uuidv7 } from "uuid";
import { etagMismatch, wireError } from "./wire-error.ts";

type WireExtraction = MessageShape<typeof ExtractionSchema>;

/** What the test server remembers: every message's text is a memory, its extraction runs through `states`. */
export class MemoryStore {
  /** By id, each with its versions, oldest first. */
  readonly memories = new Map<string, WireMemory[]>();
  readonly extractions = new Map<string, WireExtraction>();
  /** What became of each extraction's statements, told once it is extracted. */
  readonly #outcomes = new Map<string, ExtractionCounts>();
  /** When memories of a text were deleted last: what was said before stays away. */
  readonly #forgotten = new Map<string, number>();
  states: ExtractionState[] = [
    ExtractionState.RUNNING,
    ExtractionState.EXTRACTED,
    ExtractionState.SEARCHABLE,
  ];

  advance(extraction: WireExtraction): boolean {
    const next = this.states[this.states.indexOf(extraction.state) + 1];
    if (next === undefined) return false;
    extraction.state = next;
    const outcome = this.#outcomes.get(extraction.id);
    if (outcome && (next === ExtractionState.EXTRACTED || next === ExtractionState.SEARCHABLE))
      extraction.counts = outcome;
    return true;
  }

  /** @param statements the memory of each; undefined for one that is forgotten. */
  accept(
    scope: Scope | undefined,
    statements: readonly (WireMemory | undefined)[],
    messageCount: number,
    extractor: string,
  ): WireExtraction {
    const memories = statements.filter((memory) => memory !== undefined);
    const extraction = {
      $typeName: "mneme.extraction.v1.Extraction",
      id: uuidv7(),
      state: ExtractionState.QUEUED,
      scope,
      messageCount,
      memoryIds: memories.map(({ id }) => id),
      attempts: 0,
      extractor,
      createTime: timestampNow(),
      droppedSensitive: [],
      droppedByCategory: [],
      processing: Processing.NOW,
      directReason: DirectReason.UNSPECIFIED,
    } as WireExtraction;
    this.extractions.set(extraction.id, extraction);
    const [added, dropped] = [memories.length, statements.length - memories.length];
    this.#outcomes.set(extraction.id, create(ExtractionCountsSchema, { added, dropped }));
    return extraction;
  }

  remember(
    draft: Pick<MemoryDraft, "text" | "metadata"> & Partial<MemoryDraft>,
    scope: Scope | undefined,
    message?: Message,
    messageId = "",
  ): WireMemory | undefined {
    const sentAt = message?.sentAt ?? draft.saidAt ?? timestampNow();
    const forgotten = this.#forgotten.get(draft.text);
    if (forgotten !== undefined && timestampMs(sentAt) <= forgotten) return undefined;
    const memory = create(MemorySchema, {
      id: uuidv7(),
      version: 1,
      etag: "v1",
      text: draft.text,
      kind: draft.kind || 1,
      category: draft.category || "other",
      confidence: draft.confidence ?? 1,
      importance: draft.importance ?? 0.5,
      origin: 1,
      metadata: draft.metadata,
      createTime: timestampFromDate(new Date()),
      recordedFrom: timestampFromDate(new Date()),
      validFrom: draft.validFrom ?? sentAt,
      sources: [
        {
          messageId,
          start: 0,
          end: draft.text.length,
          role: message?.role ?? Role.USER,
          name: message?.name ?? "",
          text: draft.text,
          sentAt,
        },
      ],
      ...(scope === undefined ? {} : { scope }),
    });
    this.memories.set(memory.id, [memory]);
    return memory;
  }

  /** What was known of it at a moment, if it was true at another. */
  known(id: string, { asOf, knownAt }: WireTimes): WireMemory | undefined {
    const until = knownAt ? timestampMs(knownAt) : Number.POSITIVE_INFINITY;
    const version = this.memories.get(id)?.findLast(({ recordedFrom }) => ms(recordedFrom) <= until);
    const isTrue = !asOf || ms(version?.validFrom) <= timestampMs(asOf);
    return isTrue ? version : undefined;
  }

  current(id: string, times: WireTimes = {}): WireMemory {
    const memory = this.known(id, times);
    if (!memory)
      throw wireError("there is no such memory", Code.NotFound, "MEMORY_NOT_FOUND", { memory_id: id });
    return memory;
  }

  /** Whether there was one to delete. */
  delete(id: string): boolean {
    const memory = this.memories.get(id)?.at(-1);
    if (memory) this.#forgotten.set(memory.text, Date.now());
    return this.memories.delete(id);
  }

  checkEtag(memory: WireMemory, etag: string) {
    if (etag !== "" && etag !== memory.etag) throw etagMismatch();
  }

  update(update: MemoryUpdate | undefined): WireMemory {
    const old = this.current(update?.memoryId ?? "");
    this.checkEtag(old, update?.etag ?? "");
    const version = old.version + 1;
    const next = create(MemorySchema, { ...old, version, etag: `v${version}`, recordedFrom: timestampNow() });
    for (const path of update?.updateMask?.paths ?? []) {
      const name = path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      Object.assign(next, { [name]: update?.memory?.[name as keyof MemoryDraft] });
    }
    this.memories.get(next.id)?.push(next);
    return next;
  }

  /** @param reason unspecified brings it back. */
  archive(id: string, etag: string, reason: ArchiveReason): WireMemory {
    const old = this.current(id);
    this.checkEtag(old, etag);
    const { archiveTime: _, ...rest } = old;
    const moved = create(MemorySchema, {
      ...rest,
      archiveReason: reason,
      ...(reason === ArchiveReason.UNSPECIFIED ? {} : { archiveTime: timestampNow() }),
    });
    this.memories.get(id)?.splice(-1, 1, moved);
    return moved;
  }

  inScope(scope: Scope | undefined, times: WireTimes = {}): WireMemory[] {
    return [...this.memories.keys()]
      .flatMap((id) => this.known(id, times) ?? [])
      .filter((m) => matches(scope, m.scope));
  }

  find(scope: Scope | undefined, query: string) {
    const words = new Set(query.toLowerCase().match(/\w+/g));
    return this.inScope(scope)
      .map((memory) => ({
        memory,
        score: (memory.text.toLowerCase().match(/\w+/g) ?? []).filter((word) => words.has(word)).length,
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score);
  }
}

export interface WireTimes {
  readonly asOf?: Timestamp | undefined;
  readonly knownAt?: Timestamp | undefined;
}

function ms(timestamp: Timestamp | undefined): number {
  return timestamp ? timestampMs(timestamp) : 0;
}

/** Whether a scope has every member that is wanted. */
export function matches(wanted: Scope | undefined, scope: Scope | undefined): boolean {
  const members = ["userId", "agentId", "appId", "teamId", "sessionId"] as const;
  return members.every((member) => !wanted?.[member] || wanted[member] === scope?.[member]);
}

/** One page of a list; the token is the index of its first item. */
export function page<T>(items: readonly T[], request: { pageSize: number; pageToken: string }) {
  const from = Number(request.pageToken || 0);
  const to = from + (request.pageSize || 50);
  return { items: items.slice(from, to), nextPageToken: to < items.length ? String(to) : "" };
}
