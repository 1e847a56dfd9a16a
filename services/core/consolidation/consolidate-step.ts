import { v5 as uuidv5 } from "uuid";
import type { StepOptions } from "../ageing/step-options.ts";
import { MnemeError } from "../errors.ts";
import { isOutage } from "../extraction/outage.ts";
import { DAY_MS } from "../time/day.ts";
import { CLUSTERED_BY } from "./cluster-episodes.ts";
import { type ConsolidateDeps, consolidatePart } from "./consolidate.ts";
import { addCounts, type ConsolidationCounts, NOTHING_CONSOLIDATED } from "./consolidation.ts";
import type { EpisodeStream, Look, LookAsked } from "./consolidation-store.ts";
import type { Summariser } from "./summariser.ts";
import { BY_RULES } from "./summary-content.ts";

/** Where a tenant's run has come. */
export type ConsolidationCursor = {
  /** The last stream that was worked to its end. */
  readonly after?: string | undefined;
  /** One behind it that is begun, and the last of its episodes that is done with. */
  readonly stream?: string | undefined;
  readonly episode?: string | undefined;
  /** What there was to read in it, as a digest, as long as nothing came of that. */
  readonly look?: string | undefined;
};

const STREAMS_AT_ONCE = 50;

export interface ConsolidationStepOptions extends StepOptions {
  /** Is told of each stream that failed, and why. */
  readonly onFailed?: (stream: EpisodeStream, error: unknown) => void;
}

/**
 * A step over a tenant's streams. One in which nothing changed since it was read in vain is not read again; one that fails
 * keeps no other from its turn. Where its time is over it stops within a stream, behind a page of its episodes or a summary.
 *
 * @returns the counts of the step, how many streams failed, and the cursor of the next one; without a cursor it was the last.
 * @throws MnemeError when an engine or a model's server is away: all other streams would fail the same.
 */
export async function consolidateStep(
  deps: ConsolidateDeps,
  tenantId: string,
  cursor: ConsolidationCursor = {},
  { forMs = Number.POSITIVE_INFINITY, signal, onFailed }: ConsolidationStepOptions = {},
): Promise<ConsolidatedStep> {
  const until = performance.now() + forMs;
  const asked = { after: cursor.after, limit: STREAMS_AT_ONCE };
  const streams = await deps.episodes.streams(tenantId, asked, signal);
  const looks = await deps.episodes.unlooked(tenantId, await looksAt(deps, tenantId, streams), signal);
  let counts = NOTHING_CONSOLIDATED;
  let failed = 0;
  let { after } = cursor;
  for (const [i, look] of looks.entries()) {
    if (i > 0 && performance.now() >= until) return { cursor: { after }, counts, failed };
    try {
      const part = await workStream(deps, tenantId, look, cursor, { until, signal });
      counts = addCounts(counts, part.counts);
      if (part.begun) return { cursor: { after, ...part.begun }, counts, failed };
    } catch (error) {
      signal?.throwIfAborted();
      if (isAway(error)) throw error;
      failed += 1;
      onFailed?.(look, error);
    }
    after = look.streamId;
  }
  const last = streams.at(-1)?.streamId;
  return streams.length < STREAMS_AT_ONCE || last === undefined
    ? { counts, failed }
    : { cursor: { after: last }, counts, failed };
}

/** Works one stream on, and notes at its end that it was read in vain. @returns `begun` where it stopped before. */
async function workStream(
  deps: ConsolidateDeps,
  tenantId: string,
  look: Look,
  cursor: ConsolidationCursor,
  { until, signal }: { readonly until: number; readonly signal: AbortSignal | undefined },
): Promise<{ readonly counts: ConsolidationCounts; readonly begun?: Omit<ConsolidationCursor, "after"> }> {
  const begun = look.streamId === cursor.stream ? cursor : undefined;
  const options = { after: begun?.episode, most: { until }, signal };
  const { counts, stopped, ...part } = await consolidatePart(deps, tenantId, look, options);
  const digest = digestOf(look);
  const isInVain =
    part.isWhole && counts.summaries === 0 && counts.changed === 0 && (!begun || begun.look === digest);
  if (stopped) {
    const at = { stream: look.streamId, episode: stopped.after };
    return { counts, begun: { ...at, look: isInVain ? digest : undefined } };
  }
  // Reading the same again would end the same: what was withheld stays withheld until something changes.
  if (isInVain) await deps.episodes.noteLook(tenantId, look, signal);
  return { counts };
}

function digestOf({ streamId, rule, state }: Look): string {
  return uuidv5(JSON.stringify([rule, state]), streamId);
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
