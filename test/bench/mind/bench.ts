import { parseArgs } from "node:util";
import { Mneme } from "@mneme/sdk";
import pLimit from "p-limit";
import { startBenchStack } from "../harness/bench-stack.ts";
import { provisionTenants } from "../harness/tenants.ts";
import { readLocomo } from "../recall/locomo.ts";
import { readCases, readConversations } from "./cases.ts";
import {
  askFacts,
  consolidate,
  consolidationLine,
  recallOf,
  tellLong,
  throughputLine,
} from "./consolidation.ts";
import { contextTokens, contextTokensLine, historyOf, joined } from "./context-tokens.ts";
import { extractionFigures, scoreExtraction } from "./extraction.ts";
import { Matrix } from "./matrix.ts";
import { playCase } from "./play-case.ts";
import type { GoldConversation } from "./written-case.ts";

/**
 * `npm run bench:mind`: plays the written cases and the gold conversations through the API, with what reads and
 * reconciles where nobody chooses, and prints what became of them. `-- --data FOLDER` takes `cases` and
 * `conversations` of one's own, `--history FILE` long conversations in LoCoMo's format to ask contexts of.
 */
const { values } = parseArgs({ options: { data: { type: "string" }, history: { type: "string" } } });
const folder = values.data;
/** People at once; each one's turns follow each other. */
const AT_ONCE = 8;

await using stack = await startBenchStack();
const [tenant] = await provisionTenants(stack, [`mind ${Date.now().toString(36)}`]);
if (!tenant) throw new Error("no tenant was made");
const { apiKey, projectId } = tenant;
await using mneme = new Mneme({ url: stack.processes.api.url, apiKey, timeoutMs: 600_000 });
const inTurn = pLimit(AT_ONCE);

await reconciling();
const conversations = await readConversations(folder && `${folder}/conversations`);
await extracting(conversations);
await repeating(conversations);
const short = conversations.map(historyOf);
const told = await contextTokens(mneme, short, { prefix: "told-", add: false });
console.log(`\ngold conversations: ${contextTokensLine(told)}`);
const whole = await contextTokens(mneme, [joined("all", short)], { prefix: "joined-", most: 100 });
console.log(`all of them told by one person: ${contextTokensLine(whole)}`);
if (values.history) {
  const long = await contextTokens(mneme, (await readLocomo(values.history)).map(historyOf), {
    prefix: "long-",
  });
  console.log(`long conversations: ${contextTokensLine(long)}`);
}
await consolidating(conversations);

async function reconciling(): Promise<void> {
  const cases = await readCases(folder && `${folder}/cases`);
  const begun = performance.now();
  const outcomes = await Promise.all(cases.map((one) => inTurn(playCase, { mneme, projectId }, one, one.id)));
  const matrix = new Matrix();
  let [ended, alive] = [0, 0];
  for (const [i, one] of cases.entries()) {
    const outcome = outcomes[i];
    if (!outcome) continue;
    matrix.count(one, outcome);
    if (one.expect[0] !== "SUPERSEDE") continue;
    ended += one.gone.length;
    alive += outcome.wrong.filter((what) => what.startsWith("still holds")).length;
  }
  console.log(`${cases.length} written cases in ${((performance.now() - begun) / 1_000).toFixed(0)} s\n`);
  console.log(matrix.toString());
  console.log(`contradictions left alive: ${alive} of ${ended}`);
}

/** Ingests each conversation once. */
async function extracting(all: readonly GoldConversation[]): Promise<void> {
  const scores = await Promise.all(all.map((one) => inTurn(scoreOne, one)));
  const { facts, statements, recall, precision, wrong, junk } = extractionFigures(scores);
  console.log(`\n${all.length} gold conversations, ${facts} facts, ${statements} memories`);
  console.log(
    `recall ${recall.toFixed(1)} %, precision ${precision.toFixed(1)} %, ${wrong} tell what nobody said, ${junk} tell nothing`,
  );
}

async function scoreOne(one: GoldConversation) {
  await tell(one, "once");
  const memories = await mneme.user(`told-${one.id}`).list({ showSuperseded: true }).toArray();
  return scoreExtraction(
    one,
    memories.map(({ text }) => text),
  );
}

/** Twice more: nothing is new in it. */
async function repeating(all: readonly GoldConversation[]): Promise<void> {
  const count = async () => {
    const lists = await Promise.all(
      all.map(({ id }) => inTurn(() => mneme.user(`told-${id}`).list({ showSuperseded: true }).toArray())),
    );
    return lists.flat().length;
  };
  const once = await count();
  for (const time of ["twice", "thrice"]) await Promise.all(all.map((one) => inTurn(tell, one, time)));
  console.log(`\nthe same conversations told three times: ${(await count()) - once} memories more than once`);
}

/** What was told long ago, asked for before and after it is told by summaries. */
async function consolidating(gold: readonly GoldConversation[]): Promise<void> {
  const facts = askFacts(gold, "told-");
  const long = [];
  for (const one of values.history ? await readLocomo(values.history) : [])
    long.push(...(await tellLong(mneme, one, "asked-")));
  const sets = [
    ["gold conversations, a fact each", facts],
    ["long conversations", long],
  ] as const;
  await mneme.projects.update(projectId, { settings: { consolidation: { afterDays: 30 } } });
  for (const [name, asked] of sets) {
    if (asked.length === 0) continue;
    const before = await recallOf(mneme, asked);
    const done = await consolidate(mneme, [...new Set(asked.map(({ userId }) => userId))]);
    console.log(`\nconsolidating ${name}: ${throughputLine(done)}`);
    console.log(consolidationLine(before, await recallOf(mneme, asked)));
  }
}

async function tell({ id, turns }: GoldConversation, session: string): Promise<void> {
  const messages = turns.map(({ text, by, role, at }) => {
    return { role, text, sentAt: new Date(at), ...(by !== undefined && { name: by }) };
  });
  await mneme
    .user(`told-${id}`)
    .session(session)
    .add(messages, { waitFor: "searchable", timeoutMs: 600_000 });
}
