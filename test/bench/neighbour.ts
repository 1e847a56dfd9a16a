import { setTimeout as pause } from "node:timers/promises";
import { Mneme } from "@mneme/sdk";
import { Pool } from "undici";
import { startBenchStack } from "./harness/bench-stack.ts";
import { percentile, spread } from "./harness/figures.ts";
import { question, statement } from "./harness/statements.ts";
import { provisionTenants } from "./harness/tenants.ts";

/**
 * `npm run bench:neighbour [SECONDS] [LIMIT]`: what a quiet tenant's searches, adds and the time until an add can be
 * found become while a noisy one sends as many calls as its limit lets pass (half of them adds), and ten times as many.
 * The three take turns, in another order each time, so that a slow minute of a shared machine falls on each of them.
 */
const SECONDS = Number(process.argv[2] ?? 20);
const LIMIT = Number(process.argv[3] ?? 5);
const TURNS = 6;
const WARM_UP_SECONDS = 90;
const SEARCHES_PER_SECOND = 4;
const ADDS_PER_SECOND = 1;
const PEOPLE = 20;
const KNOWN = 100;
const run = Date.now().toString(36);

interface Round {
  readonly search: number[];
  /** What the api says that its stages took, by stage. */
  readonly stages: Record<string, number[]>;
  readonly add: number[];
  readonly searchable: number[];
  /** Of the noisy tenant's calls. */
  readonly passed: number;
  readonly refused: number;
  /** Until the last answer: on a busy machine longer than calls were offered for. */
  readonly seconds: number;
}

await using stack = await startBenchStack({ MNEME_EMBEDDER_CACHE_SIZE: "0" });
const { url } = stack.processes.api;
const [quietTenant] = await provisionTenants(stack, ["quiet"]);
const [noisyTenant] = await provisionTenants(stack, ["noisy"], { requestsPerSecond: LIMIT, burst: LIMIT });
await using quiet = new Mneme({ url, apiKey: quietTenant?.apiKey, timeoutMs: 600_000, retries: 0 });
await using filling = new Mneme({ url, apiKey: noisyTenant?.apiKey, timeoutMs: 600_000 });
const connections = new Pool(url, { connections: 512 });
let asked = 0;

for (const mneme of [quiet, filling]) await fill(mneme);
await warmUp();
const noises = [0, LIMIT, 10 * LIMIT] as const;
const turns: Round[][] = [];
for (let turn = 0; turn < TURNS; turn += 1) {
  const rounds: Round[] = [];
  for (let i = 0; i < noises.length; i += 1) {
    const which = (turn + i) % noises.length;
    rounds[which] = await play(noises[which] ?? 0);
  }
  turns.push(rounds);
}
const [alone, atLimit, beyond] = noises.map((_, which) =>
  joined(turns.map((rounds) => rounds[which] as Round)),
);
if (!alone || !atLimit || !beyond) throw new Error("no round was played");
console.log(
  `\nquiet tenant: ${SEARCHES_PER_SECOND} searches and ${ADDS_PER_SECOND} adds a second, for ${SECONDS} s a round`,
);
console.log(`noisy tenant: limit ${LIMIT} calls a second; ${TURNS} rounds each, in turn\n`);
report("alone", alone);
report("neighbour at its limit", atLimit);
compare(1, atLimit, "1.5");
report("at ten times its limit", beyond);
compare(2, beyond, "2");
await connections.close();

async function fill(mneme: Mneme): Promise<void> {
  for (let person = 0; person < PEOPLE; person += 1) {
    const drafts = Array.from({ length: KNOWN }, (_, i) => ({ text: statement(1, person, i) }));
    await mneme.waitFor(await mneme.user(`user-${person}`).import(drafts), { timeoutMs: 600_000 });
  }
}

/** What OpenSearch's runtime compiles in its first minutes would be taken for a neighbour's doing. */
async function warmUp(): Promise<void> {
  await Promise.all([
    steadily(20, WARM_UP_SECONDS, async (i) => {
      await quiet.user(`user-${i % PEOPLE}`).search(question(1, i % PEOPLE, asked++));
    }),
    steadily(5, WARM_UP_SECONDS, async (i) => {
      await quiet
        .user(`${run}-warm-${i % PEOPLE}`)
        .add(`I ${statement(4, i % 17, asked++).replace(/^\w+ /, "")}`);
    }),
  ]);
  await play(LIMIT);
}

/** The quiet tenant's calls, beside `noise` calls a second of the noisy one. */
async function play(noise: number, seconds = SECONDS): Promise<Round> {
  const round: Round = { search: [], stages: {}, add: [], searchable: [], passed: 0, refused: 0, seconds: 0 };
  const count = { passed: 0, refused: 0 };
  const searching = steadily(SEARCHES_PER_SECOND, seconds, async (i) => {
    const person = i % PEOPLE;
    const begun = performance.now();
    const { timings } = await quiet.user(`user-${person}`).search(question(1, person, asked++));
    round.search.push(performance.now() - begun);
    for (const [stage, ms] of Object.entries(timings)) {
      round.stages[stage] = [...(round.stages[stage] ?? []), ms];
    }
  });
  const adding = steadily(ADDS_PER_SECOND, seconds, async (i) => {
    const begun = performance.now();
    const text = `I ${statement(3, i % 17, asked++).replace(/^\w+ /, "")}`;
    const added = await quiet.user(`${run}-${i % PEOPLE}`).add(text, { name: "Robin" });
    round.add.push(performance.now() - begun);
    await quiet.waitFor(added, { timeoutMs: 600_000 });
    round.searchable.push(performance.now() - begun);
  });
  const making = steadily(noise, seconds, async (i) => {
    const status = await noisyCall(i);
    if (status === 200) count.passed += 1;
    else if (status === 429) count.refused += 1;
    else throw new Error(`the noisy tenant was answered ${status}`);
  });
  const begun = performance.now();
  await making;
  const took = (performance.now() - begun) / 1_000;
  await Promise.all([searching, adding]);
  return { ...round, ...count, seconds: took };
}

/**
 * Offers `work` so often, whether or not what was begun before has ended: once in each of even stretches of time, anywhere in
 * it. At even distances, those of two who call would fall together, or never.
 */
async function steadily(
  perSecond: number,
  seconds: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  const open: Promise<void>[] = [];
  const begun = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const wait = begun + ((i + Math.random()) / perSecond) * 1_000 - performance.now();
    if (wait > 0) await pause(wait);
    open.push(work(i));
  }
  await Promise.all(open);
}

/** Without the SDK: what the client takes is taken from the server, on one machine. */
async function noisyCall(i: number): Promise<number> {
  const person = i % PEOPLE;
  const isAdd = i % 2 === 0;
  const scope = { userId: `user-${person}` };
  const body = isAdd
    ? {
        scope,
        messages: [{ role: "ROLE_USER", text: `I ${statement(2, person, asked++).replace(/^\w+ /, "")}` }],
      }
    : { scope, query: question(1, person, asked++) };
  const path = isAdd ? "/mneme.memory.v1.MemoryService/AddMessages" : "/mneme.search.v1.SearchService/Search";
  const headers = { "content-type": "application/json", authorization: `Bearer ${noisyTenant?.apiKey}` };
  const answer = await connections.request({ method: "POST", path, headers, body: JSON.stringify(body) });
  await answer.body.dump();
  return answer.statusCode;
}

function joined(rounds: readonly Round[]): Round {
  const stages = new Set(rounds.flatMap((round) => Object.keys(round.stages)));
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0);
  return {
    search: rounds.flatMap(({ search }) => search),
    stages: Object.fromEntries(
      [...stages].map((stage) => [stage, rounds.flatMap((round) => round.stages[stage] ?? [])]),
    ),
    add: rounds.flatMap(({ add }) => add),
    searchable: rounds.flatMap(({ searchable }) => searchable),
    passed: sum(({ passed }) => passed),
    refused: sum(({ refused }) => refused),
    seconds: sum(({ seconds }) => seconds),
  };
}

function report(name: string, { search, stages, add, searchable, passed, refused, seconds }: Round): void {
  console.log(
    `${name}${passed + refused > 0 ? `: ${passed} of its calls passed in ${seconds.toFixed(1)} s, ${refused} were refused` : ""}`,
  );
  console.log(`  search         ${spread(search)}`);
  for (const [stage, times] of Object.entries(stages)) {
    console.log(`    ${stage.padEnd(13)}${spread(times)}`);
  }
  console.log(`  add            ${spread(add)}`);
  console.log(`  add to found   ${spread(searchable)}`);
}

/** Of all rounds together, and turn by turn, which shows how much of it is the machine. */
function compare(which: number, round: Round, target: string): void {
  for (const part of ["search", "add", "searchable"] as const) {
    const ratio = (one: Round, other: Round, p: number) =>
      percentile(one[part], p) / percentile(other[part], p);
    const byTurn = turns
      .map((rounds) => ratio(rounds[which] as Round, rounds[0] as Round, 95))
      .sort((a, b) => a - b);
    const all = [50, 95].map((p) => ratio(round, alone as Round, p).toFixed(2));
    console.log(
      `  of alone, ${part.padEnd(12)} p50 ${all[0]}  p95 ${all[1]}  (target: p95 ${target})  by turn: p95 ${byTurn.map((r) => r.toFixed(2)).join(" ")}`,
    );
  }
}
