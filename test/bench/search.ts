import { Mneme } from "@mneme/sdk";
import { startBenchStack } from "./harness/bench-stack.ts";
import { type Dataset, loadDataset, TENANTS, USERS } from "./harness/dataset.ts";
import { percentile, residentMiB, spread, timed } from "./harness/figures.ts";
import { openRawSearch, type Question } from "./harness/raw-search.ts";
import { question } from "./harness/statements.ts";

/**
 * `npm run bench:search [MEMORIES]`: search through the product beside the embedding and the raw `_msearch` that
 * it sends for such questions, in turn, in one run, on engines that have run for a while.
 */
const MEMORIES = Number(process.argv[2] ?? 100_000);
const PAIRS = 400;
const CLIENTS = 8;
const LOAD_SECONDS = 20;
/** The engine's compiler has seen enough after this many. */
const RAW_WARM_UP = 30_000;
const WARM_UP_SECONDS = 20;

await using stack = await startBenchStack({ MNEME_EMBEDDER_CACHE_SIZE: "0" });
const dataset = await loadDataset(stack, MEMORIES);
if (dataset.load) {
  const { memories, acceptedMs, searchableMs } = dataset.load;
  console.log(
    `import          ${rate(memories, acceptedMs)} accepted, ${rate(memories, searchableMs)} searchable`,
  );
}
await using rawSearch = await openRawSearch(stack, dataset);
let asked = 0;
await rawSearch.repeat(Array.from({ length: 200 }, nextQuestion), RAW_WARM_UP, CLIENTS);
await together(dataset, WARM_UP_SECONDS);
const one = await alone(dataset, PAIRS);
console.log(`\n${MEMORIES} memories, ${TENANTS} tenants, distinct questions, no vector cache`);
const { totalMs: inside = [], ...stages } = one.stages;
console.log(`call            ${spread(one.call)}  (target: p95 30 ms)`);
console.log(`with a code     ${spread(one.coded)}`);
console.log(`search in it    ${spread(inside)}`);
console.log(`embed + raw     ${spread(one.raw)}`);
console.log(`ratio, search   ${ratios(inside, one.raw)}  (target: p95 1.6)`);
console.log(`ratio, call     ${ratios(one.call, one.raw)}`);
for (const [stage, times] of Object.entries(stages)) {
  console.log(`  ${stage.padEnd(13)} ${spread(times)}`);
}
const many = await together(dataset, LOAD_SECONDS);
console.log(
  `${CLIENTS} clients       ${many.perSecond.toFixed(0)} searches/s  ${spread(many.times)}  (target: 150/s, p95 80 ms)`,
);
const { api, worker } = stack.processes;
console.log(
  `resident        api ${(await residentMiB(api.metricsUrl)).toFixed(0)} MiB, worker ${(await residentMiB(worker.metricsUrl)).toFixed(0)} MiB (target: 500 each)`,
);

function clients({ tenants }: Dataset): Mneme[] {
  return tenants.map(({ apiKey }) => new Mneme({ url: stack.processes.api.url, apiKey }));
}

function nextQuestion(): Question {
  const i = asked++;
  const tenant = i % TENANTS;
  const user = Math.floor(i / TENANTS) % USERS;
  return { tenant, user, text: question(tenant, user, i) };
}

/**
 * Times each call as its client sees it, what the api says each stage of the search in it took (embed, msearch,
 * fuse, hydrate, pack; the total is theirs), and the raw way in turn; then calls whose questions name a code, which
 * has an arm of its own.
 */
async function alone(data: Dataset, pairs: number) {
  const mnemes = clients(data);
  const call: number[] = [];
  const stages: Record<string, number[]> = {};
  const raw: number[] = [];
  const coded: number[] = [];
  const search = async ({ tenant, user, text }: Question) => {
    const begun = performance.now();
    const { timings } = await (mnemes[tenant] as Mneme).user(`user-${user}`).search(text);
    call.push(performance.now() - begun);
    for (const [stage, ms] of Object.entries(timings)) stages[stage] = [...(stages[stage] ?? []), ms];
  };
  const searchCode = async ({ tenant, user, text }: Question, code: number) => {
    const mneme = mnemes[tenant] as Mneme;
    coded.push(await timed(() => mneme.user(`user-${user}`).search(`${text} AB-${code}`)));
  };
  const searchRaw = async (asking: Question) => void raw.push(await timed(() => rawSearch.search(asking)));
  // Who goes first changes, for the second one finds warmer caches.
  for (let i = 0; i < pairs; i += 1) {
    for (const ask of i % 2 ? [search, searchRaw] : [searchRaw, search]) await ask(nextQuestion());
  }
  for (let i = 0; i < pairs; i += 1) await searchCode(nextQuestion(), 10_000 + i);
  await Promise.all(mnemes.map((mneme) => mneme[Symbol.asyncDispose]()));
  return { call, coded, raw, stages };
}

async function together(data: Dataset, seconds: number) {
  const mnemes = clients(data);
  const times: number[] = [];
  const end = performance.now() + seconds * 1_000;
  const client = async () => {
    while (performance.now() < end) {
      const { tenant, user, text } = nextQuestion();
      times.push(await timed(() => (mnemes[tenant] as Mneme).user(`user-${user}`).search(text)));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await Promise.all(mnemes.map((mneme) => mneme[Symbol.asyncDispose]()));
  return { times, perSecond: times.length / seconds };
}

function ratios(times: readonly number[], base: readonly number[]): string {
  return [50, 95].map((p) => `p${p} ${(percentile(times, p) / percentile(base, p)).toFixed(2)}`).join("  ");
}

function rate(count: number, ms: number): string {
  return `${((count / ms) * 1_000).toFixed(0)}/s`;
}
