import { randomUUID } from "node:crypto";
import { type Extraction, ExtractionFailedError, type MemoryScope, type Mneme } from "@mneme/sdk";
import type { Conversation } from "./conversation.ts";

/** A conversation that went in. */
export interface Played {
  /** Fresh for every run, so that runs do not see each other's memories. */
  readonly userId: string;
  readonly scope: MemoryScope;
  /** From a message's id to its turn's id in the file. */
  readonly turnOf: ReadonlyMap<string, string>;
  /** How long each add took to be answered, in milliseconds. */
  readonly addMs: readonly number[];
  /** From the last answered add to the moment when everything could be found, in milliseconds. */
  readonly lagMs: number;
  /** From each add's acceptance to its being searchable, by the server's clock, in milliseconds. */
  readonly searchableMs: readonly number[];
  readonly failed: readonly Extraction[];
  readonly counts: Extraction["counts"];
  readonly memories: number;
}

/** Told while it goes on. */
export type Progress = (phase: "adding" | "waiting", done: number, of: number, session: number) => void;

/** Adds a conversation message by message, in order, and waits until all of it can be found. */
export async function play(
  mneme: Mneme,
  conversation: Conversation,
  progress: Progress,
  signal: AbortSignal,
): Promise<Played> {
  const userId = `demo-${randomUUID().slice(-12)}`;
  const scope = mneme.user(userId);
  const turnOf = new Map<string, string>();
  const addMs: number[] = [];
  const extractionIds: string[] = [];
  for (const [index, turn] of conversation.turns.entries()) {
    progress("adding", index + 1, conversation.turns.length, turn.session);
    const begun = performance.now();
    const added = await scope.session(`session-${turn.session}`).add(turn.message, { signal });
    addMs.push(performance.now() - begun);
    extractionIds.push(added.extractionId);
    for (const id of added.messageIds) turnOf.set(id, turn.id);
  }
  const answered = performance.now();
  const extractions = await settle(
    mneme,
    extractionIds,
    (done, of) => progress("waiting", done, of, 0),
    signal,
  );
  return {
    userId,
    scope,
    turnOf,
    addMs,
    lagMs: performance.now() - answered,
    searchableMs: extractions.flatMap(searchableAfterMs),
    failed: extractions.filter(({ state }) => state === "failed" || state === "dropped"),
    counts: totals(extractions),
    memories: (await scope.list({ pageSize: 250, signal }).toArray()).length,
  };
}

/** Waits for every extraction; one that failed is reported, and the others are waited for nevertheless. */
async function settle(
  mneme: Mneme,
  ids: readonly string[],
  done: (n: number, of: number) => void,
  signal: AbortSignal,
): Promise<Extraction[]> {
  const settled: Extraction[] = [];
  // One person's messages are worked in order: waiting for the first one first costs one stream at a time, no polling.
  for (const id of ids) {
    settled.push(await mneme.waitFor(id, { signal, timeoutMs: 600_000 }).catch(failedOne));
    done(settled.length, ids.length);
  }
  return settled;
}

function failedOne(error: unknown): Extraction {
  if (error instanceof ExtractionFailedError) return error.extraction;
  throw error;
}

function searchableAfterMs({ createTime, searchableTime }: Extraction): number[] {
  return createTime && searchableTime ? [searchableTime.getTime() - createTime.getTime()] : [];
}

function totals(extractions: readonly Extraction[]): Extraction["counts"] {
  const sum = (name: keyof Extraction["counts"]) =>
    extractions.reduce((total, { counts }) => total + counts[name], 0);
  return {
    added: sum("added"),
    updated: sum("updated"),
    superseded: sum("superseded"),
    unchanged: sum("unchanged"),
    deleted: sum("deleted"),
    dropped: sum("dropped"),
  };
}
