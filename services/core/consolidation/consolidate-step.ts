import { MnemeError } from "../errors.ts";
import { isOutage } from "../extraction/outage.ts";
import { CLUSTERED_BY } from "./cluster-episodes.ts";
import { type ConsolidateDeps, consolidatePart, DAY_MS, type StreamPart } from "./consolidate.ts";
import { addCounts, type ConsolidationCounts, NOTHING_CONSOLIDATED } from "./consolidation.ts";
import type { EpisodeStream, LookAsked } from "./consolidation-store.ts";
import type { Summariser } from "./summariser.ts";
import { BY_RULES } from "./summary-content.ts";

/** Where a tenant's run has come: the last stream that was worked. */
export type ConsolidationCursor = { readonly after?: string | undefined };

const STREAMS_AT_ONCE = 50;

/**
 * A step over a tenant's streams. One in which nothing changed since it was read in vain is not read again; one that fails
 * keeps no other from its turn.
 *
 * @param onFailed is told of each stream that failed, and why.
 * @returns the counts of the step, how many streams failed, and the cursor of the next one; without a cursor it was the last.
 * @throws MnemeError when an engine or a model's server is away: all other streams would fail the same.
 */
export async function consolidateStep(
  deps: ConsolidateDeps,
  tenantId: string,
  cursor: ConsolidationCursor | undefined,
  signal?: AbortSignal,
  onFailed: (stream: EpisodeStream, error: unknown) => void = () => undefined,
): Promise<ConsolidatedStep> {
  const asked = { after: cursor?.after, limit: STREAMS_AT_ONCE };
  const streams = await deps.episodes.streams(tenantId, asked, signal);
  let counts = NOTHING_CONSOLIDATED;
  let failed = 0;
  const looks = await deps.episodes.unlooked(tenantId, await looksAt(deps, tenantId, streams), signal);
  for (const look of looks) {
    try {
      const part = await consolidatePart(deps, tenantId, look, { signal });
      counts = addCounts(counts, part.counts);
      if (isInVain(part)) await deps.episodes.noteLook(tenantId, look, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (isAway(error)) throw error;
      failed += 1;
      onFailed(look, error);
    }
  }
  const last = streams.at(-1)?.streamId;
  return streams.length < STREAMS_AT_ONCE || last === undefined
    ? { counts, failed }
    : { cursor: { after: last }, counts, failed };
}

/** Of streams whose project consolidates. */
async function looksAt(
  deps: ConsolidateDeps,
  tenantId: string,
  streams: readonly EpisodeStream[],
): Promise<LookAsked[]> {
  const asked: LookAsked[] = [];
  for (const stream of streams) {
    const settings = await deps.settings.of(tenantId, stream.projectId);
    const days = settings.consolidation?.afterDays;
    if (days === undefined) continue;
    const summariser = deps.models?.summariserFor(settings);
    const before = new Date(Date.now() - days * DAY_MS);
    asked.push({ ...stream, before, rule: lookRule(days, summariser, settings.language) });
  }
  return asked;
}

/** Whatever may make another summary of the same episodes is in it. */
function lookRule(days: number, summariser: Summariser | undefined, language: string | undefined): string {
  const worded = summariser ? [summariser.name, summariser.version] : [];
  return JSON.stringify([days, CLUSTERED_BY, BY_RULES.version, language, ...worded]);
}

/** Reading the same again would end the same: what was withheld stays withheld until something changes. */
function isInVain({ counts, isWhole }: StreamPart): boolean {
  return isWhole && counts.summaries === 0 && counts.changed === 0;
}

export interface ConsolidatedStep {
  readonly cursor?: ConsolidationCursor;
  readonly counts: ConsolidationCounts;
  /** Streams; what they made until then stays, and is not in `counts`. */
  readonly failed: number;
}

/** A time-out is not: one cluster alone may take too long. */
function isAway(error: unknown): boolean {
  return isOutage(error) || (error instanceof MnemeError && AWAY.has(error.kind));
}

const AWAY: ReadonlySet<string> = new Set(["unavailable", "resource_exhausted", "cancelled"]);
