import { asksToForget } from "../claims/forgetting/request.ts";
import { embeddingBy, meterOf } from "../cost/model-spending.ts";
import type { TokenShare } from "../cost/share-tokens.ts";
import { MnemeError } from "../errors.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { StreamBatch } from "./ingest-store.ts";
import { mergedWords } from "./merged-words.ts";
import { answersOf } from "./model-answers.ts";
import type { KnownCandidate, ModelVerdict, ModelVerdicts, Proposal } from "./proposal.ts";
import { isSettled } from "./reconcile.ts";
import type { Reconciler, ToldText, Verdict } from "./reconciler.ts";

/** Known memories that a question shows at most; of one statement alone that has more, the nearest. */
const MOST_KNOWN = 60;
/** Statements a question. */
const MOST_STATEMENTS = 20;
/** Farther ones, by cosine, have nothing to do with what is said. */
const LEAST_COSINE = 0.35;
const LONGEST_RULE = 64;

/**
 * Asks a model what one person's statements mean for what is known, but for those that are settled without it: known word for
 * word, given as they are, or like nothing that is known. Where it refuses, is over its budget, says nothing that
 * can be used or fails a third time, rules decide.
 *
 * @throws MnemeError where its server is away, or fails or asks to wait for the first times: another try may fare better.
 */
export async function askReconciler(
  deps: Pick<IngestDeps, "spending" | "embedder" | "answers">,
  tenantId: string,
  reconciler: Reconciler,
  batch: StreamBatch,
  proposals: readonly Proposal[],
  signal: AbortSignal | undefined,
): Promise<ModelVerdicts> {
  const open = proposals.filter((one) => !isSettled(one) && isWorthAsking(one));
  const verdicts = new Map<Proposal, ModelVerdict>();
  for (const asked of questionsOf(open)) {
    const known = nearest(asked);
    const answer = await ask(deps, tenantId, reconciler, batch, asked, known, signal);
    const rule = `model:${reconciler.name}/${reconciler.version}`.slice(0, LONGEST_RULE);
    for (const [i, proposal] of asked.entries()) {
      const verdict = answer[i];
      if (!verdict) continue;
      const merged =
        verdict.outcome === "update"
          ? mergedWords(proposal, known[verdict.known], verdict.text, batch)
          : undefined;
      verdicts.set(proposal, { outcome: verdict.outcome, known: named(verdict, known), merged, rule });
    }
  }
  return embedMerged(deps, tenantId, batch, verdicts, signal);
}

async function ask(
  { spending, answers: all }: Pick<IngestDeps, "spending" | "answers">,
  tenantId: string,
  reconciler: Reconciler,
  batch: StreamBatch,
  asked: readonly Proposal[],
  known: readonly KnownCandidate[],
  signal: AbortSignal | undefined,
): Promise<readonly (Verdict | undefined)[]> {
  const meter = meterOf(spending, {
    tenantId,
    model: reconciler.name,
    purpose: "reconcile",
    shares: sharesOf(batch, asked),
  });
  const memoryIds = known.map(({ memoryId }) => memoryId);
  const answers = answersOf(all, tenantId, batch, "reconcile", signal, memoryIds);
  const question = { statements: asked.map(toldText), known: known.map(toldKnown) };
  try {
    return await reconciler.reconcile(question, { meter, answers, signal });
  } catch (error) {
    if (signal?.aborted || !(error instanceof MnemeError)) throw error;
    const isGivenUp = (batch.attempts ?? 0) >= PATIENCE && MAY_PASS.has(error.reason);
    if (isGivenUp || RULES_INSTEAD.has(error.reason)) return [];
    throw error;
  }
}

/** Tries that a server may fail which answers, and badly: what was said is not lost for it. */
const PATIENCE = 2;
const MAY_PASS: ReadonlySet<string> = new Set(["MODEL_SERVER_FAILED", "MODEL_RATE_LIMITED", "MODEL_TIMEOUT"]);

/** Another try would end the same, or cost what may not be spent. */
const RULES_INSTEAD: ReadonlySet<string> = new Set([
  "MODEL_REFUSED",
  "MODEL_REQUEST_REFUSED",
  "MODEL_OUTPUT_INVALID",
  "BUDGET_EXCEEDED",
]);

function isWorthAsking(proposal: Proposal): boolean {
  const asks = proposal.asksElsewhere !== undefined || asksToForget(proposal.content.statement.text);
  return asks || proposal.known.some(isNear);
}

function isNear({ cosine }: KnownCandidate): boolean {
  return (cosine ?? 1) >= LEAST_COSINE;
}

/** In order: as many statements a question as can be shown all that lies near them, for a model can't end what it was not shown. */
function questionsOf(open: readonly Proposal[]): Proposal[][] {
  const questions: Proposal[][] = [];
  let shown = new Set<string>();
  for (const one of open) {
    const near = one.known.filter(isNear).map(({ memoryId }) => memoryId);
    const last = questions.at(-1);
    const both = new Set([...shown, ...near]);
    if (last && last.length < MOST_STATEMENTS && both.size <= MOST_KNOWN) {
      last.push(one);
      shown = both;
    } else {
      questions.push([one]);
      shown = new Set(near);
    }
  }
  return questions;
}

/** Of all that lies near to any of the statements, the nearest, each once. */
function nearest(asked: readonly Proposal[]): KnownCandidate[] {
  const best = new Map<string, KnownCandidate>();
  for (const one of asked.flatMap(({ known }) => known).filter(isNear)) {
    const before = best.get(one.memoryId);
    if (!before || (one.cosine ?? 1) > (before.cosine ?? 1)) best.set(one.memoryId, one);
  }
  return [...best.values()].sort((a, b) => (b.cosine ?? 1) - (a.cosine ?? 1)).slice(0, MOST_KNOWN);
}

function toldText({ content: { statement, features } }: Proposal): ToldText {
  return { text: statement.text, by: features.speaker ?? features.role, saidAt: features.saidAt };
}

function toldKnown({ text, speaker, role, saidAt }: KnownCandidate): ToldText {
  return { text, by: speaker ?? role, saidAt };
}

function named(verdict: Verdict, known: readonly KnownCandidate[]): KnownCandidate[] {
  if (!("known" in verdict)) return [];
  return [verdict.known].flat().flatMap((place) => known[place] ?? []);
}

/** All merged texts at once. */
async function embedMerged(
  { embedder, spending }: Pick<IngestDeps, "spending" | "embedder">,
  tenantId: string,
  batch: StreamBatch,
  verdicts: ReadonlyMap<Proposal, ModelVerdict>,
  signal: AbortSignal | undefined,
): Promise<ModelVerdicts> {
  const all = [...verdicts].flatMap(([proposal, { merged }]) => (merged ? [{ proposal, merged }] : []));
  if (all.length === 0) return verdicts;
  const shares = sharesOf(
    batch,
    all.map(({ proposal: { messageId }, merged: { content } }) => ({ messageId, content })),
  );
  const vectors = await embedder.embed(
    all.map(({ merged }) => merged.content.statement.embeddingText),
    {
      purpose: "document",
      onTokens: embeddingBy(spending, { tenantId, model: embedder.model, shares }),
      ...(signal && { signal }),
    },
  );
  const embedded = new Map(verdicts);
  all.forEach(({ proposal, merged }, i) => {
    const vector = vectors[i];
    const verdict = verdicts.get(proposal);
    const content = vector && { ...merged.content, vector };
    if (verdict && content) embedded.set(proposal, { ...verdict, merged: { ...merged, content } });
  });
  return embedded;
}

/** Each by the key that brought its message. */
function sharesOf(
  { projectId, pending }: StreamBatch,
  all: readonly Pick<Proposal, "messageId" | "content">[],
): TokenShare[] {
  const keys = new Map(pending.map(({ turn, apiKeyId }) => [turn.messageId, apiKeyId]));
  return all.map(({ messageId, content: { statement } }) => {
    return { projectId, apiKeyId: keys.get(messageId), text: statement.text };
  });
}
