import { asksToForget } from "../claims/forgetting/request.ts";
import { readClaims } from "../claims/reading.ts";
import { slotsOf } from "../claims/slot-keys.ts";
import { selvesOf } from "../claims/tellers.ts";
import { embeddingBy, meterOf } from "../cost/model-spending.ts";
import { MnemeError } from "../errors.ts";
import type { RelationMention } from "../memory/memory.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { MemoryContent, StreamBatch } from "./ingest-store.ts";
import { mentionsOf } from "./mentions.ts";
import { answersOf } from "./model-answers.ts";
import type { KnownCandidate, ModelVerdict, ModelVerdicts, Proposal } from "./proposal.ts";
import { isSettled } from "./reconcile.ts";
import type { Reconciler, ToldText, Verdict } from "./reconciler.ts";

/** Known memories that a question shows at most: the nearest. */
const MOST_KNOWN = 30;
/** Statements a question. */
const MOST_STATEMENTS = 20;
/** Farther ones, by cosine, have nothing to do with what is said. */
const LEAST_COSINE = 0.35;
const LONGEST_RULE = 64;
const LONGEST_TEXT = 1_000;

/**
 * Asks a model what one person's statements mean for what is known, but for those that are settled without it: known word for
 * word, given as they are, or like nothing that is known. Where it refuses, is over its budget or says nothing that
 * can be used, rules decide.
 *
 * @throws MnemeError where its server is away or asks to wait: another try may fare better.
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
  for (let start = 0; start < open.length; start += MOST_STATEMENTS) {
    const asked = open.slice(start, start + MOST_STATEMENTS);
    const known = nearest(asked);
    const answer = await ask(deps, tenantId, reconciler, batch, asked, known, signal);
    const rule = `model:${reconciler.name}/${reconciler.version}`.slice(0, LONGEST_RULE);
    for (const [i, proposal] of asked.entries()) {
      const verdict = answer[i];
      if (!verdict) continue;
      const content =
        verdict.outcome === "update"
          ? mergedContent(proposal, known[verdict.known], verdict.text, batch)
          : undefined;
      verdicts.set(proposal, { outcome: verdict.outcome, known: named(verdict, known), content, rule });
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
    if (error instanceof MnemeError && RULES_INSTEAD.has(error.reason)) return [];
    throw error;
  }
}

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

/** What both say, if it says nothing that neither does: a model may not invent. */
function mergedContent(
  { content, reading }: Proposal,
  known: KnownCandidate | undefined,
  text: string,
  batch: StreamBatch,
): MemoryContent | undefined {
  if (!known || text === "" || text.length > LONGEST_TEXT) return undefined;
  const said = new Set([...reading.words, ...known.reading.words]);
  const isTheirs = [...readClaims(text, new Set()).words].every(
    (word) => said.has(word) || mentions(content.statement.text, word) || mentions(known.text, word),
  );
  if (!isTheirs) return undefined;
  const { statement } = content;
  const names = batch.participants.map(({ name }) => name);
  const { entities, relations } = mentionsOf(text, [...statement.entities, ...known.entities], names);
  const told = {
    ...statement,
    text,
    embeddingText: text,
    entities,
    relations: joined(statement.relations, relations),
  };
  if (reading.unread !== undefined) return { ...content, statement: told };
  // Told together, it tells of the attributes of both.
  const selves = selvesOf(batch.subject ? batch.participants : []);
  return { ...content, statement: told, slots: slotsOf(readClaims(text, selves)) };
}

/** What was read of the new one, and what rules read of both. */
function joined(own: readonly RelationMention[], read: readonly RelationMention[]): RelationMention[] {
  const keyOf = ({ source, type, target }: RelationMention) => JSON.stringify([source, type, target]);
  return [...new Map([...read, ...own].map((one) => [keyOf(one), one])).values()];
}

function mentions(text: string, word: string): boolean {
  return text.toLowerCase().includes(word);
}

/** All merged texts at once. */
async function embedMerged(
  { embedder, spending }: Pick<IngestDeps, "spending" | "embedder">,
  tenantId: string,
  batch: StreamBatch,
  verdicts: ReadonlyMap<Proposal, ModelVerdict>,
  signal: AbortSignal | undefined,
): Promise<ModelVerdicts> {
  const merged = [...verdicts].flatMap(([proposal, { content }]) => (content ? [{ proposal, content }] : []));
  if (merged.length === 0) return verdicts;
  const shares = sharesOf(batch, merged);
  const vectors = await embedder.embed(
    merged.map(({ content }) => content.statement.embeddingText),
    {
      purpose: "document",
      onTokens: embeddingBy(spending, { tenantId, model: embedder.model, shares }),
      ...(signal && { signal }),
    },
  );
  const all = new Map(verdicts);
  merged.forEach(({ proposal, content }, i) => {
    const vector = vectors[i];
    const verdict = verdicts.get(proposal);
    if (vector && verdict) all.set(proposal, { ...verdict, content: { ...content, vector } });
  });
  return all;
}

function sharesOf({ projectId, pending }: StreamBatch, all: readonly Pick<Proposal, "content">[]) {
  return all.map(({ content: { statement } }) => {
    return { projectId, apiKeyId: pending[0]?.apiKeyId, text: statement.text };
  });
}
