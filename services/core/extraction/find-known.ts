import { tellerOf } from "../claims/tellers.ts";
import { readTold } from "../claims/told-in.ts";
import type { IndexFilter } from "../search/memory-index.ts";
import { dot } from "../search/vector.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import { neighboursOf } from "./nearest-known.ts";
import type { KnownCandidate } from "./proposal.ts";

/** A new statement, by what it is looked up. */
export interface Sought {
  readonly streamId: string;
  readonly audience: string;
  /** Where the stream's memories lie. */
  readonly filter: IndexFilter;
  readonly vector: Float32Array;
  readonly slots: readonly string[];
  /** It asks to forget: what has ended is to be found, too. */
  readonly withEnded: boolean;
  /** The message, where what it says asks for what was said before it. */
  readonly asksForLast: string | undefined;
  /** Names of the person whose memory it is. */
  readonly selves: ReadonlySet<string>;
  /** As of `StreamReading`. */
  readonly language: string;
}

/** Neighbours that a statement is compared with. */
const NEIGHBOURS = 8;
/** Farther ones, by cosine, say nothing of the same. */
const LEAST_COSINE = 0.3;

/**
 * What is known that new statements may repeat, say closer or end: their neighbours, what tells of the same attributes,
 * and what the index does not know yet; one list a statement. Without the index there are no neighbours.
 */
export async function findKnown(
  deps: Pick<DecidingDeps, "index" | "store" | "embedder">,
  tenantId: string,
  all: readonly Sought[],
  signal: AbortSignal | undefined,
): Promise<readonly (readonly KnownCandidate[])[]> {
  if (all.length === 0) return [];
  const [near, bySlot, last] = await Promise.all([
    neighboursOf(
      deps.index,
      all.map(({ filter, vector, withEnded }) => ({
        filter: { ...filter, withEnded },
        vector,
        k: NEIGHBOURS,
      })),
      signal,
    ),
    deps.store.findBySlots(tenantId, all, signal),
    saidLast(deps, tenantId, all, signal),
  ]);
  const close = near.map((list) =>
    list.filter(({ cosine }) => cosine >= LEAST_COSINE).map(({ memoryId }) => memoryId),
  );
  const told = await toldBySummaries(deps, tenantId, close.flat(), signal);
  const found = all.map((_, i) => {
    const nearest = close[i] ?? [];
    const around = nearest.flatMap((id) => told.get(id) ?? []);
    return [...new Set([...nearest, ...around, ...(bySlot[i] ?? []), ...(last.get(i) ?? [])])];
  });
  const read = await readAll(deps, tenantId, all, found, signal);
  return all.map(({ streamId, audience, vector, withEnded }, i) =>
    (found[i] ?? []).flatMap((memoryId): KnownCandidate[] => {
      const one = read.get(placeOf(streamId, audience, memoryId));
      if (!one || (one.isOver && !withEnded)) return [];
      const isComparable = one.embeddingModel === deps.embedder.model;
      const isLast = last.get(i)?.includes(memoryId) ?? false;
      return [{ ...one, isLast, cosine: isComparable ? dot(one.vector, vector) : undefined }];
    }),
  );
}

/** A summary repeats and ends nothing: what it tells is compared, which is archived and in no index. */
async function toldBySummaries(
  { store }: Pick<DecidingDeps, "store">,
  tenantId: string,
  memoryIds: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const ids = [...new Set(memoryIds)];
  const told = ids.length > 0 ? ((await store.episodesOf?.(tenantId, ids, signal)) ?? []) : [];
  return new Map(ids.map((id, i) => [id, told[i] ?? []]));
}

/** A memory as one stream's statements to one audience know it; the index may find it beside another's, too. */
function placeOf(streamId: string, audience: string, memoryId: string): string {
  return `${streamId}/${audience}/${memoryId}`;
}

type ReadCandidate = Omit<KnownCandidate, "cosine" | "isLast">;

/** By the place of who asks for it: nearness to the words that ask tells nothing of what was said last. */
async function saidLast(
  { store }: Pick<DecidingDeps, "store">,
  tenantId: string,
  all: readonly Sought[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const asking = all.flatMap(({ streamId, audience, asksForLast: messageId }, place) =>
    messageId === undefined ? [] : [{ place, streamId, audience, messageId }],
  );
  const found = asking.length > 0 ? await store.findLast(tenantId, asking, signal) : [];
  return new Map(asking.map(({ place }, i) => [place, found[i] ?? []]));
}

/** Each memory once for each stream that found it: only its own knows it. */
async function readAll(
  { store }: Pick<DecidingDeps, "store">,
  tenantId: string,
  all: readonly Sought[],
  found: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<Map<string, ReadCandidate>> {
  const wanted = new Map(
    all.flatMap(({ streamId, audience, selves, language, withEnded }, i) =>
      (found[i] ?? []).map(
        (memoryId) =>
          [
            placeOf(streamId, audience, memoryId),
            { streamId, audience, memoryId, selves, language, withEnded },
          ] as const,
      ),
    ),
  );
  const memories = [...wanted.values()];
  const statements = memories.length > 0 ? await store.statements(tenantId, memories, signal) : [];
  const read = new Map<string, ReadCandidate>();
  [...wanted].forEach(([place, { memoryId, selves, language }], i) => {
    const statement = statements[i];
    if (!statement) return;
    const reading = readTold(statement.text, selves, language);
    const teller = tellerOf(statement.speaker, statement.role, selves);
    read.set(place, { ...statement, memoryId, reading, teller });
  });
  return read;
}
