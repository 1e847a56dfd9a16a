import { type ModelSpending, meterOf } from "../cost/model-spending.ts";
import { MnemeError } from "../errors.ts";
import { type ModelAnswers, ofOwner } from "../extraction/model-answers.ts";
import { checkedSummary } from "./check-summary.ts";
import type { EpisodeGroup } from "./consolidation-store.ts";
import type { Episode } from "./episode.ts";
import type { Summariser, SummarySentence } from "./summariser.ts";
import { BY_RULES, type Worded } from "./summary-content.ts";
import { writeSummary } from "./write-summary.ts";

const LONGEST_RULE = 64;

export interface Wording {
  /** Undefined: the rules alone. */
  readonly summariser: Summariser | undefined;
  readonly spending: ModelSpending | undefined;
  readonly language: string | undefined;
  /** What models answered before; undefined where none is kept. */
  readonly answers?: ModelAnswers | undefined;
}

/**
 * Words a cluster's summary: by the model where there is one and what it says can be used, else in the episodes' own words.
 * What it said of the very same before is taken again.
 *
 * @throws MnemeError where the model's server is away or asks to wait: another try may fare better.
 */
export async function wordSummary(
  tenantId: string,
  group: Pick<EpisodeGroup, "projectId" | "streamId" | "subject">,
  episodes: readonly Episode[],
  { summariser, spending, language, answers }: Wording,
  signal: AbortSignal | undefined,
): Promise<Worded> {
  const rules: Worded = {
    text: writeSummary(episodes, language),
    extractor: BY_RULES,
    rule: "consolidate",
  };
  if (!summariser) return rules;
  const told = episodes.map(({ text, validFrom: at }) => ({ text, at }));
  const { name: model, version } = summariser;
  const shares = told.map(({ text }) => ({ projectId: group.projectId, apiKeyId: undefined, text }));
  const meter = meterOf(spending, { tenantId, model, purpose: "summarise", shares });
  const { projectId, streamId, subject } = group;
  const memoryIds = episodes.map(({ memoryId }) => memoryId);
  const owner = {
    tenantId,
    projectId,
    streamId,
    subject,
    purpose: "summarise",
    messageIds: [],
    memoryIds,
  } as const;
  const known = answers && ofOwner(answers, owner, signal);
  const asked = JSON.stringify([model, version, told]);
  const before = await known?.find(asked);
  const sentences =
    before === undefined
      ? await summariser.summarise(told, { meter, signal }).catch((error: unknown) => {
          if (isForGood(error)) return [];
          throw error;
        })
      : (JSON.parse(before) as readonly SummarySentence[]);
  const text = checkedSummary(sentences, told);
  if (text === undefined) return rules;
  if (before === undefined) await known?.keep(asked, JSON.stringify(sentences));
  return {
    text,
    extractor: { name: model, version },
    rule: `model:${model}/${version}`.slice(0, LONGEST_RULE),
  };
}

/** Another try would end the same, or cost what may not be spent: a model that is gone or refuses its key among them. */
function isForGood(error: unknown): boolean {
  if (!(error instanceof MnemeError)) return false;
  return error.kind === "failed_precondition" || RULES_INSTEAD.has(error.reason);
}

const RULES_INSTEAD: ReadonlySet<string> = new Set(["MODEL_OUTPUT_INVALID", "BUDGET_EXCEEDED"]);
