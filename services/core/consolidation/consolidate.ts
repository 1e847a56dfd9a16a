import { v7 as uuidv7 } from "uuid";
import type { CallAudit } from "../audit/call-audit.ts";
import { embeddingBy, type ModelSpending } from "../cost/model-spending.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { ModelAnswers } from "../extraction/model-answers.ts";
import type { Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { DAY_MS } from "../time/day.ts";
import { clusterEpisodes } from "./cluster-episodes.ts";
import { addCounts, type ConsolidationCounts, NOTHING_CONSOLIDATED } from "./consolidation.ts";
import type {
  Applied,
  EpisodeGroup,
  EpisodeStore,
  EpisodeStream,
  PlannedSummary,
  ToldTo,
} from "./consolidation-store.ts";
import type { Episode } from "./episode.ts";
import type { Summariser } from "./summariser.ts";
import { contentOf } from "./summary-content.ts";
import { wordSummary } from "./word-summary.ts";

/** What turns episodes into summaries. */
export interface ConsolidateDeps {
  readonly episodes: EpisodeStore;
  readonly settings: SettingsOf;
  /** What a project's memories are embedded by, by the name that it sets. */
  readonly embedderFor: (name: string | undefined) => Embedder;
  /** What embedding takes is counted by. */
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
  /** Models that word summaries; rules do where there is none. */
  readonly models?: SummarisingModels | undefined;
}

export interface SummarisingModels {
  /** The one that words a project's; undefined where rules do. */
  readonly summariserFor: (settings: Settings) => Summariser | undefined;
  /** What their calls are held to, and counted by. */
  readonly spending?: ModelSpending | undefined;
  /** What they answered before. */
  readonly answers?: ModelAnswers | undefined;
}

export interface ConsolidateOptions {
  /** Only what was told to these. */
  readonly toldTo?: ToldTo | undefined;
  /** Is told what is made and archived. */
  readonly audit?: CallAudit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How much of a stream to consolidate. */
export interface PartOptions extends ConsolidateOptions {
  /** As of a part that stopped there; from the first if undefined. */
  readonly after?: string | undefined;
  /** Stops behind a page where so many were looked at, and where the time has come: not before a summary is made there. */
  readonly most?: { readonly episodes?: number; readonly until?: number } | undefined;
}

export interface StreamPart {
  readonly counts: ConsolidationCounts;
  /** Where it stopped; undefined at the stream's end. */
  readonly stopped: { readonly after: string | undefined } | undefined;
  /** False where an episode could not be opened, or nothing was read for the policy is off by now. */
  readonly isWhole: boolean;
}

/** Episodes that are compared with each other. */
export const EPISODES_AT_ONCE = 600;

/**
 * Consolidates one stream, from where another part stopped and no longer than it may take: clusters what is older than its
 * project's policy and not summarised, and makes a summary of each cluster, one transaction each. A cluster that changed
 * meanwhile is left to the next run. Repeating it changes nothing.
 *
 * @throws MnemeError when an engine or a model's server is away: what was made until then stays.
 */
export async function consolidatePart(
  deps: ConsolidateDeps,
  tenantId: string,
  stream: EpisodeStream,
  { toldTo, audit, signal, after, most = {} }: PartOptions,
): Promise<StreamPart> {
  const settings = await deps.settings.of(tenantId, stream.projectId);
  const days = settings.consolidation?.afterDays;
  if (days === undefined) return { counts: NOTHING_CONSOLIDATED, stopped: undefined, isWhole: false };
  const { episodes = Number.MAX_SAFE_INTEGER, until = Number.POSITIVE_INFINITY } = most;
  const before = new Date(Date.now() - days * DAY_MS);
  let counts = NOTHING_CONSOLIDATED;
  let isWhole = true;
  for (let at = after; ; ) {
    const asked = { before, after: at, limit: Math.min(EPISODES_AT_ONCE, episodes), toldTo };
    const { groups, next, ...page } = await deps.episodes.episodes(tenantId, stream, asked, signal);
    isWhole &&= page.isWhole;
    const made = counts.summaries;
    // What a summary tells is not read again: a page that is begun anew from here comes further.
    const isCut = () => counts.summaries > made && performance.now() >= until;
    for (const group of groups) {
      for await (const more of consolidateGroup(deps, tenantId, group, settings, { audit, signal })) {
        counts = addCounts(counts, more);
        if (isCut()) return { counts, stopped: { after: at }, isWhole };
      }
    }
    if (next === undefined) return { counts, stopped: undefined, isWhole };
    at = next;
    if (counts.episodes >= episodes || performance.now() >= until)
      return { counts, stopped: { after: at }, isWhole };
  }
}

/** Yields what each of a group's clusters came to, one by one. */
async function* consolidateGroup(
  deps: ConsolidateDeps,
  tenantId: string,
  group: EpisodeGroup,
  settings: Settings,
  { audit, signal }: ConsolidateOptions,
): AsyncGenerator<ConsolidationCounts> {
  const all = clusterEpisodes(group.episodes);
  const clusters = all.filter((cluster) => !group.undone.some((told) => isWithin(cluster, told)));
  const withheld = all.length - clusters.length;
  yield { ...NOTHING_CONSOLIDATED, episodes: group.episodes.length, withheld };
  // One by one to the end: what was worded and paid for is kept, whatever happens to the next.
  for (const cluster of clusters) {
    const planned = await planSummary(deps, tenantId, group, cluster, settings, signal);
    const applied = await deps.episodes.apply(tenantId, planned, signal);
    if (applied === "made")
      for (const id of [planned.summaryId, ...cluster.map(({ memoryId }) => memoryId)])
        audit?.touches("memory", id);
    yield countOf(applied, cluster.length);
  }
}

async function planSummary(
  deps: ConsolidateDeps,
  tenantId: string,
  group: EpisodeGroup,
  cluster: readonly Episode[],
  settings: Settings,
  signal: AbortSignal | undefined,
): Promise<PlannedSummary> {
  const { language, models } = settings;
  const { spending, answers } = deps.models ?? {};
  const wording = { summariser: deps.models?.summariserFor(settings), spending, answers, language };
  const worded = await wordSummary(tenantId, group, cluster, wording, signal);
  const embedder = deps.embedderFor(models?.embedder);
  const shares = [{ projectId: group.projectId, apiKeyId: undefined, text: worded.text }];
  const [vector] = await embedder.embed([worded.text], {
    purpose: "document",
    onTokens: embeddingBy(deps.spending, { tenantId, model: embedder.model, shares }),
    ...(signal && { signal }),
  });
  if (!vector) throw new Error("a summary without its vector");
  const content = contentOf(cluster, worded.text, vector, language);
  const embeddingModel = embedder.model;
  return { ...group, ...worded, summaryId: uuidv7(), episodes: cluster, content, embeddingModel };
}

/** Nothing has joined since. */
function isWithin(cluster: readonly Episode[], told: ReadonlySet<string>): boolean {
  return cluster.every(({ memoryId }) => told.has(memoryId));
}

function countOf(applied: Applied, episodes: number): ConsolidationCounts {
  const made = applied === "made";
  return {
    episodes: 0,
    summaries: made ? 1 : 0,
    archived: made ? episodes : 0,
    changed: applied === "changed" || applied === "off" ? 1 : 0,
    withheld: applied === "undone" || applied === "deleted" ? 1 : 0,
  };
}
