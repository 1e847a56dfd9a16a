import type { MemoryKind, SourceSpan } from "../memory/memory.ts";
import { isBeside } from "./beside-deleted.ts";
import {
  type ChangedField,
  type ComparedMemory,
  compareGenerations,
  type Pair,
} from "./compare-generations.ts";
import type { Change, ChangeCount, LeftOut, LeftOutCount } from "./replay.ts";
import type { ShadowMemory } from "./shadow-memory.ts";

/** A memory of the record, as it is compared with a shadow. */
export interface LiveMemory extends ComparedMemory {
  readonly version: number;
  readonly isEnded: boolean;
  /** What ended it; undefined of what holds, or where that is gone. */
  readonly replacedBy: string | undefined;
  /** Undefined where it is compared. */
  readonly leftOut: LeftOut | undefined;
  /** No replay changes what people have rated. */
  readonly hasFeedback: boolean;
  readonly sources: readonly SourceSpan[];
}

export interface Difference {
  readonly change: Exclude<Change, "same">;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly fields: readonly ChangedField[];
  /** Absent of what is added. */
  readonly live: LiveMemory | undefined;
  /** Absent of what is removed. */
  readonly shadow: ShadowMemory | undefined;
  /** Promoting leaves it as it is. */
  readonly isKept: boolean;
}

export interface StreamReport {
  readonly differences: readonly Difference[];
  readonly changes: readonly ChangeCount[];
  readonly leftOut: readonly LeftOutCount[];
  /** The memory that is known for each shadow one, where there is one. */
  readonly liveOf: ReadonlyMap<string, string>;
}

/**
 * What a replay of one stream found otherwise than is known. What is left out is paired as well, so that nothing is called
 * new that is known in another way: neither what is paired, nor other words of what somebody has changed by hand or rated.
 * Of finished statements, which nobody read, nothing is said.
 *
 * @param now what has expired by then is in neither generation.
 */
export function reportOn(
  live: readonly LiveMemory[],
  shadow: readonly ShadowMemory[],
  now: Date,
): StreamReport {
  const lasting = shadow.filter(({ content: { expiresAt } }) => !expiresAt || expiresAt > now);
  const { pairs, added, removed } = compareGenerations(live, lasting.map(comparedOf));
  const isHeld = heldBy(live);
  const comparable = new Set(live.filter(({ leftOut }) => !leftOut).map(({ id }) => id));
  const compared = pairs
    .filter((pair) => !pair.live.leftOut && !pair.shadow.memory.isGiven)
    .map((pair) => readEnds(pair, comparable));
  const same = compared.filter(({ fields }) => fields.length === 0);
  const differences = [
    ...compared.filter(({ fields }) => fields.length > 0).map(changedDifference),
    ...added.filter(({ memory }) => !memory.isGiven && !isHeld(memory)).map(addedDifference),
    ...removed.filter((one) => !one.leftOut).map(removedDifference),
  ];
  return {
    differences,
    changes: countChanges([
      ...same.map(({ live: one }) => ({ ...one, change: "same" as const })),
      ...differences,
    ]),
    leftOut: countReasons(live.flatMap((one) => one.leftOut ?? [])),
    liveOf: new Map(pairs.map((pair) => [pair.shadow.id, pair.live.id])),
  };
}

const HELD: ReadonlySet<LeftOut | undefined> = new Set(["changed_by_hand", "not_read"] as const);

/**
 * Whether a statement was said where a memory was that people have had their hands on, or whose message is kept no longer:
 * that one stands for it.
 */
function heldBy(live: readonly LiveMemory[]): (memory: ShadowMemory) => boolean {
  const held = live.filter(({ leftOut, hasFeedback }) => HELD.has(leftOut) || hasFeedback);
  const spans = Map.groupBy(
    held.flatMap(({ sources }) => sources),
    ({ messageId }) => messageId,
  );
  return ({ content: { statement } }) => statement.sources.some((span) => isBeside(span, spans));
}

interface ComparedShadow extends ComparedMemory {
  readonly memory: ShadowMemory;
}

function comparedOf(memory: ShadowMemory): ComparedShadow {
  const { id, audience, content, embeddingModel } = memory;
  const { text, kind, category, confidence, importance, origin, valid, sources } = content.statement;
  return {
    id,
    audience,
    text,
    kind,
    category,
    confidence,
    importance,
    origin,
    validFrom: valid.from ?? content.features.saidAt,
    validTo: valid.to,
    vector: content.vector,
    embeddingModel,
    messageIds: [...new Set(sources.map(({ messageId }) => messageId))],
    memory,
  };
}

interface ReadPair extends Pair<LiveMemory, ComparedShadow> {
  /** What is known ended otherwise than the replay can read. */
  readonly isOver: boolean;
}

/**
 * What ended a memory may be deleted, or given by hand: no replay reads that. Its end is no difference then, and is not
 * taken back by what else is different: what was over would hold again, or for longer.
 */
function readEnds(pair: Pair<LiveMemory, ComparedShadow>, comparable: ReadonlySet<string>): ReadPair {
  const { live, shadow, fields } = pair;
  const endsOtherwise = !shadow.memory.ended || fields.includes("valid_to");
  const isOver = live.isEnded && endsOtherwise && !comparable.has(live.replacedBy ?? "");
  return { ...pair, isOver, fields: isOver ? fields.filter((field) => field !== "valid_to") : fields };
}

function changedDifference({ live, shadow, fields, isOver }: ReadPair): Difference {
  const { kind, category, memory } = shadow;
  const isKept = live.hasFeedback || isOver;
  return { change: "changed", kind, category, fields, live, shadow: memory, isKept };
}

function addedDifference({ kind, category, memory }: ComparedShadow): Difference {
  return { change: "added", kind, category, fields: [], live: undefined, shadow: memory, isKept: false };
}

function removedDifference(live: LiveMemory): Difference {
  const { kind, category, hasFeedback: isKept } = live;
  return { change: "removed", kind, category, fields: [], live, shadow: undefined, isKept };
}

function countChanges(all: readonly Pick<ChangeCount, "change" | "kind" | "category">[]): ChangeCount[] {
  const groups = Map.groupBy(all, ({ change, kind, category }) => JSON.stringify([change, kind, category]));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first
      ? [{ change: first.change, kind: first.kind, category: first.category, count: group.length }]
      : [];
  });
}

function countReasons(reasons: readonly LeftOut[]): LeftOutCount[] {
  return [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => ({
    reason,
    count: all.length,
  }));
}
