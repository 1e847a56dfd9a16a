import type { Tenancy } from "../tenancy/caller.ts";
import type { ArchiveReason, Archiving, RestoreReason } from "./archive.ts";
import { memoryNotFound } from "./get-memory.ts";
import type { Memory, MemorySource, MessageRole, ReconcileOutcome } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";
import { storyOf } from "./story.ts";

/**
 * What happened to a memory: it was told or imported, said again, worded anew, ended by what replaced it, changed by
 * hand, archived, or came back from there; made of others as their summary; `changed` where something else wrote it.
 */
export type HistoryEvent =
  | "told"
  | "imported"
  | "said_again"
  | "reworded"
  | "ended"
  | "by_hand"
  | "changed"
  | "archived"
  | "restored"
  | "consolidated";

/** A place in a message that an entry rests on. */
export interface HistorySource {
  readonly messageId: string;
  readonly start: number;
  readonly end: number;
  readonly role: MessageRole;
  readonly name: string | undefined;
  readonly sentAt: Date;
  /** What the place says, cut behind {@link QUOTE_CHARACTERS}; empty where messages are not kept. */
  readonly quote: string;
}

/** One step of a memory, or of one that it replaced or was replaced by. */
export interface HistoryEntry {
  readonly event: HistoryEvent;
  readonly memoryId: string;
  /** The version that the step made; of what was said again the one that was current. */
  readonly version: number;
  /** When we learnt it. */
  readonly recordedAt: Date;
  /** Since and until when the memory says that it is so. */
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  readonly text: string;
  /** Members that are otherwise than before, e.g. `text`, `valid_to`. */
  readonly changed: readonly string[];
  /** Of those that are a word or a number: from what to what. */
  readonly turned?: Readonly<Record<string, readonly [from: string, to: string]>> | undefined;
  /** What it was told by in this step, the first source first. */
  readonly sources: readonly HistorySource[];
  /** What decided: the extractor or model, its version (a model's is that of its prompt), outcome and rule. */
  readonly extractor: string;
  readonly extractorVersion: string;
  readonly extractionId: string | undefined;
  readonly outcome: ReconcileOutcome;
  readonly rule: string | undefined;
  /** Of a memory that ended: what replaced it. */
  readonly replacedBy: string | undefined;
  /** Of a memory that was told: which it replaced. */
  readonly replaces: readonly string[];
  /** Of `archived`. */
  readonly archiveReason?: ArchiveReason | undefined;
  /** Of `restored`. */
  readonly restoreReason?: RestoreReason | undefined;
  /** Of `consolidated`: the memories that it tells. */
  readonly madeOf?: readonly string[] | undefined;
}

export interface MemoryHistory {
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
  /** The same as sentences, one a line. */
  readonly story: string;
  /** More memories or versions belong to it than are read at once. */
  readonly truncated: boolean;
}

/**
 * The history of a memory, with those that it replaced and was replaced by, as one story.
 *
 * @throws MnemeError MEMORY_NOT_FOUND.
 */
export async function getHistory(
  { memories }: { readonly memories: Pick<MemoryStore, "chain"> },
  tenancy: Tenancy,
  memoryId: string,
  signal?: AbortSignal,
): Promise<MemoryHistory> {
  const { versions, archivings, truncated } = await memories.chain(tenancy, memoryId, signal);
  if (versions.length === 0) throw memoryNotFound(memoryId);
  const entries = entriesOf(versions, archivings);
  return { entries, story: storyOf(entries), truncated };
}

/**
 * @param versions of memories that replaced one another, in any order, each with all sources of its memory.
 * @param archivings of the same memories.
 */
export function entriesOf(
  versions: readonly Memory[],
  archivings: readonly Archiving[] = [],
): HistoryEntry[] {
  const chains = [...Map.groupBy(versions, ({ id }) => id)];
  return chains
    .flatMap(([id, chain]) => {
      const inOrder = chain.toSorted((a, b) => a.version - b.version);
      return [
        ...inOrder.map((memory, i) => stepOf(memory, inOrder[i - 1], versions)),
        ...saidAgain(inOrder),
        ...archivings.filter(({ memoryId }) => memoryId === id).flatMap((one) => archivedSteps(one, inOrder)),
      ];
    })
    .sort(byTime);
}

/** What ended stands before what replaced it at the same moment. */
function byTime(a: HistoryEntry, b: HistoryEntry): number {
  return (
    a.recordedAt.getTime() - b.recordedAt.getTime() ||
    Number(b.event === "ended") - Number(a.event === "ended") ||
    (a.memoryId < b.memoryId ? -1 : a.memoryId > b.memoryId ? 1 : 0) ||
    a.version - b.version
  );
}

function stepOf(memory: Memory, before: Memory | undefined, all: readonly Memory[]): HistoryEntry {
  const replacing = before ? [] : all.filter(({ replacedBy }) => replacedBy === memory.id);
  const event = eventOf(memory, before);
  // What ended rests on what its replacement was told by.
  const told = event === "ended" ? firstOf(all, memory.replacedBy) : memory;
  return {
    ...bare(memory),
    event,
    recordedAt: memory.recordedFrom,
    changed: before ? changesOf(before, memory) : [],
    turned: before && turnedOf(before, memory),
    sources: told && event !== "by_hand" ? toldBy(told).map(toHistorySource) : [],
    replacedBy: event === "ended" ? memory.replacedBy : undefined,
    replaces: [...new Set(replacing.map(({ id }) => id))],
    madeOf: event === "consolidated" ? memory.derivedFrom : undefined,
  };
}

function firstOf(all: readonly Memory[], id: string | undefined): Memory | undefined {
  return all.find((memory) => memory.id === id && memory.version === 1);
}

function eventOf(memory: Memory, before: Memory | undefined): HistoryEvent {
  if (!before && memory.derivedFrom.length > 0) return "consolidated";
  if (!before) return memory.extractor === "import" ? "imported" : "told";
  if (memory.extractor === "api") return "by_hand";
  if (memory.extractor === "review") return "changed";
  if (memory.outcome === "supersede") return "ended";
  if (memory.outcome === "noop") return "said_again";
  // Told by nothing new.
  if (memory.rule?.startsWith("replay:")) return "changed";
  return memory.outcome === "update" ? "reworded" : "changed";
}

/** Sources that came with a version; those of before this was kept count to the first. */
function toldBy({ version, recordedFrom, sources }: Memory): MemorySource[] {
  return sources.filter((source, i) =>
    source.recordedAt === undefined ? version === 1 && i === 0 : isSame(source.recordedAt, recordedFrom),
  );
}

/** Sources that came without a version of their own, those of one moment together. */
function saidAgain(versions: readonly Memory[]): HistoryEntry[] {
  const [first] = versions;
  if (!first) return [];
  const known = new Set(versions.flatMap(toldBy));
  const later = first.sources.filter((source) => !known.has(source));
  const moments = Map.groupBy(later, ({ recordedAt, sentAt }) => (recordedAt ?? sentAt).getTime());
  return [...moments].map(([moment, sources]) => {
    const recordedAt = new Date(moment);
    const current = versions.findLast(({ recordedFrom }) => recordedFrom <= recordedAt) ?? first;
    return {
      ...bare(current),
      event: "said_again",
      recordedAt,
      changed: [],
      sources: sources.map(toHistorySource),
      outcome: "noop",
      rule: undefined,
      replacedBy: undefined,
      replaces: [],
    };
  });
}

/** Into the archive, and out of it again. */
function archivedSteps({ archivedAt, reason, restored }: Archiving, versions: readonly Memory[]) {
  const into = withoutVersion("archived", archivedAt, versions).map((entry) => {
    return { ...entry, archiveReason: reason };
  });
  const out = restored ? withoutVersion("restored", restored.at, versions) : [];
  return [...into, ...out.map((entry) => ({ ...entry, restoreReason: restored?.because }))];
}

/** A step that made no version. */
function withoutVersion(event: HistoryEvent, recordedAt: Date, versions: readonly Memory[]): HistoryEntry[] {
  const current = versions.findLast(({ recordedFrom }) => recordedFrom <= recordedAt) ?? versions[0];
  if (!current) return [];
  const nothing = { changed: [], sources: [], replacedBy: undefined, replaces: [] };
  return [{ ...bare(current), ...nothing, event, recordedAt }];
}

function bare(memory: Memory) {
  const { id, version, validFrom, validTo, text, extractor, extractorVersion, extractionId } = memory;
  const { outcome, rule } = memory;
  const written = { extractor, extractorVersion, extractionId, outcome, rule };
  return { memoryId: id, version, validFrom, validTo, text, ...written };
}

const COMPARED = {
  text: "text",
  kind: "kind",
  category: "category",
  origin: "origin",
  confidence: "confidence",
  importance: "importance",
  validFrom: "valid_from",
  validTo: "valid_to",
  metadata: "metadata",
} as const satisfies Partial<Record<keyof Memory, string>>;

function changesOf(before: Memory, after: Memory): string[] {
  const members = Object.keys(COMPARED) as (keyof typeof COMPARED)[];
  return members.flatMap((member) => (isSame(before[member], after[member]) ? [] : [COMPARED[member]]));
}

const SHORT = ["kind", "category", "origin", "confidence", "importance"] as const;

function turnedOf(before: Memory, after: Memory): HistoryEntry["turned"] {
  const turned = SHORT.filter((member) => before[member] !== after[member]);
  return Object.fromEntries(turned.map((member) => [member, [shown(before[member]), shown(after[member])]]));
}

function shown(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 100) / 100) : value;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Of a place in a message. */
export const QUOTE_CHARACTERS = 280;

function toHistorySource({ messageId, start, end, role, name, sentAt, text }: MemorySource): HistorySource {
  const said = text.slice(start, end).replace(/\s+/gu, " ").trim();
  const quote = said.length > QUOTE_CHARACTERS ? `${said.slice(0, QUOTE_CHARACTERS).toWellFormed()}…` : said;
  return { messageId, start, end, role, name, sentAt, quote };
}
