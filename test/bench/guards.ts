import { Mneme } from "@mneme/sdk";
import { PEOPLE, TENANT } from "./guards/fill.ts";
import { checkGuards, startVariant, type VariantServer } from "./guards/servers.ts";
import { loadTwins } from "./guards/twins.ts";
import { AGAIN, ALL, NONE, VARIANTS, type Variant } from "./guards/variants.ts";
import { startBenchStack } from "./harness/bench-stack.ts";
import { percentile, processorMs } from "./harness/figures.ts";
import { question } from "./harness/statements.ts";

/**
 * `npm run bench:guards [MEMORIES] [ROUNDS]`: what authentication, limits, encryption and audit add to a search. An api
 * with all of them, one without each, one without any, and a second one with all, which tells how far two processes that do
 * the same lie apart: each in a process of its own, on the same engines, side by side. Searches go to them in turn,
 * in short blocks and in another order each round, with the same questions.
 */
const MEMORIES = Number(process.argv[2] ?? 20_000);
const ROUNDS = Number(process.argv[3] ?? 60);
const CLIENTS = 8;
/** Searches of a block: of one client, and of all of several together. */
const BLOCK = { one: 25, many: 80 };
/** Until every process, and the engines, have compiled what they run. */
const WARM_UP_ROUNDS = Math.ceil(ROUNDS / 4);

/** Milliseconds of one variant's searches. */
interface Figures {
  /** By round. */
  readonly rounds: number[][];
  /** The first of each block, when the api did nothing for a while. */
  readonly first: number[];
  /** What the api says that its stages took, by stage. */
  readonly stages: Record<string, number[]>;
  /** Of the api's processor, by block. */
  readonly processor: number[];
}

await using stack = await startBenchStack({ MNEME_EMBEDDER_CACHE_SIZE: "0" });
const twins = await loadTwins(stack, MEMORIES);
const servers: VariantServer[] = [];
for (const variant of VARIANTS) {
  const server = await startVariant(stack, twins, variant);
  await checkGuards(stack, twins, server);
  servers.push(server);
}
const clients = new Map(
  servers.map((server) => [server.name, new Mneme({ url: server.url, apiKey: server.apiKey, retries: 0 })]),
);
let asked = 0;
await play(WARM_UP_ROUNDS, CLIENTS, BLOCK.many);
console.log(
  `\ntwo tenants with the same ${MEMORIES} memories of ${PEOPLE} people, one sealed; ${ROUNDS} rounds of blocks`,
);
report(`1 client, ${BLOCK.one} searches a block`, await play(ROUNDS, 1, BLOCK.one), "  (target: p50 2 ms)");
report(`${CLIENTS} clients, ${BLOCK.many} searches a block`, await play(ROUNDS, CLIENTS, BLOCK.many));
await Promise.all([...clients.values()].map((client) => client[Symbol.asyncDispose]()));

/** Rounds of a block of searches of each variant, all with the same questions. */
async function play(rounds: number, clientCount: number, block: number): Promise<Map<string, Figures>> {
  const played = new Map<string, Figures>(
    VARIANTS.map(({ name }) => [name, { rounds: [], first: [], stages: {}, processor: [] }]),
  );
  for (let round = 0; round < rounds; round += 1) {
    for (const server of turns(round)) {
      const figures = played.get(server.name) as Figures;
      const before = await processorMs(server.metricsUrl);
      await searchBlock(server, figures, clientCount, block);
      figures.processor.push((await processorMs(server.metricsUrl)) - before);
    }
    asked += block;
  }
  return played;
}

/** Each variant comes after each other one as often, over rounds enough: their number is prime. */
function turns(round: number): VariantServer[] {
  const step = 1 + (round % (servers.length - 1));
  return servers.map((_, i) => servers[(round + i * step) % servers.length] as VariantServer);
}

async function searchBlock(
  { name }: VariantServer,
  { rounds, first, stages }: Figures,
  clientCount: number,
  block: number,
): Promise<void> {
  const mneme = clients.get(name) as Mneme;
  const times: number[] = [];
  let next = 0;
  const search = async () => {
    const i = asked + next++;
    const person = i % PEOPLE;
    const begun = performance.now();
    const { timings } = await mneme.user(`user-${person}`).search(question(TENANT, person, i));
    const ms = performance.now() - begun;
    const { totalMs = 0, ...parts } = timings;
    for (const [stage, took] of Object.entries({ ...parts, aroundMs: ms - totalMs })) {
      stages[stage] ??= [];
      stages[stage].push(took);
    }
    return ms;
  };
  first.push(await search());
  const client = async () => {
    while (next < block) times.push(await search());
  };
  await Promise.all(Array.from({ length: clientCount }, client));
  rounds.push(times);
}

function report(title: string, played: ReadonlyMap<string, Figures>, target = ""): void {
  const of = ({ name }: Variant) => played.get(name) as Figures;
  console.log(`\n${title}`);
  for (const variant of VARIANTS) {
    const { rounds, first } = of(variant);
    const own = processorOf(of(variant)).toFixed(2);
    const rest = `first of a block p50 ${ms(first, 50)}  processor ${own} ms a search`;
    console.log(`  ${variant.name.padEnd(24)}${at(rounds.flat())}  ${rest}`);
  }
  console.log(`  milliseconds by stage, p50`);
  for (const variant of VARIANTS) {
    const parts = Object.entries(of(variant).stages).map(([name, took]) => `${name} ${ms(took, 50)}`);
    console.log(`    ${variant.name.padEnd(24)}${parts.join("  ")}`);
  }
  console.log("  difference");
  for (const variant of VARIANTS) {
    if (variant === ALL) continue;
    const label = variant === AGAIN ? `${ALL.name}, of two processes` : `${ALL.name} - ${variant.name}`;
    console.log(
      `    ${label.padEnd(40)}${difference(of(ALL), of(variant))}${variant === NONE ? target : ""}`,
    );
  }
}

/** Of all searches, and how it lies spread over the rounds. */
function difference(one: Figures, other: Figures): string {
  const by = (p: number) => signed(percentile(one.rounds.flat(), p) - percentile(other.rounds.flat(), p));
  const each = one.rounds.map((times, i) => percentile(times, 50) - percentile(other.rounds[i] ?? [], 50));
  const quartiles = [25, 50, 75].map((p) => signed(percentile(each, p)));
  const own = signed(processorOf(one) - processorOf(other));
  return `p50 ${by(50)}  p95 ${by(95)} ms  p50 by round: quartiles ${quartiles.join(" ")}  processor ${own}`;
}

/** Of the api a search. The median over the blocks: a block now and then has work that was put off. */
function processorOf({ processor, rounds }: Figures): number {
  // With the first one, whose time is kept apart.
  return percentile(processor, 50) / ((rounds[0]?.length ?? 0) + 1);
}

function at(times: readonly number[]): string {
  return `p50 ${ms(times, 50)}  p95 ${ms(times, 95)} ms  (n ${times.length})`;
}

function ms(times: readonly number[], p: number): string {
  return percentile(times, p).toFixed(2);
}

function signed(value: number): string {
  return `${value < 0 ? "" : "+"}${value.toFixed(2)}`;
}
