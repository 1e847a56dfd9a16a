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
await using raw = await openRawSearch(stack, dataset);
let asked = 0;
await raw.repeat(Array.from({ length: 200 }, nextQuestion), RAW_WARM_UP, CLIENTS);
await together(dataset, WARM_UP_SECONDS);
const one = await alone(dataset, PAIRS);
console.log(`\n${MEMORIES} memories, ${TENANTS} tenants, distinct questions, no vector cache`);
console.log(`search alone    ${spread(one.product)}`);
console.log(`embed + raw     ${spread(one.raw)}`);
console.log(
  `ratio           p50 ${ratio(one, 50)}  p95 ${ratio(one, 95)}  (target: p95 at most 30 ms and 1.6 times)`,
);
for (const [stage, times] of Object.entries(one.stages)) {
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

async function alone(data: Dataset, pairs: number) {
  const mnemes = clients(data);
  const product: number[] = [];
  const stages: Record<string, number[]> = {};
  const beside: number[] = [];
  const search = async ({ tenant, user, text }: Question) => {
    const begun = performance.now();
    const { timings } = await (mnemes[tenant] as Mneme).user(`user-${user}`).search(text);
    product.push(performance.now() - begun);
    for (const [stage, ms] of Object.entries(timings)) stages[stage] = [...(stages[stage] ?? []), ms];
  };
  const searchRaw = async (asking: Question) => void beside.push(await timed(() => raw.search(asking)));
  // Who goes first changes, for the second one finds warmer caches.
  for (let i = 0; i < pairs; i += 1) {
    for (const ask of i % 2 ? [search, searchRaw] : [searchRaw, search]) await ask(nextQuestion());
  }
  await Promise.all(mnemes.map((mneme) => mneme[Symbol.asyncDispose]()));
  return { product, raw: beside, stages };
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

function ratio({ product, raw }: { product: number[]; raw: number[] }, p: number): string {
  return (percentile(product, p) / percentile(raw, p)).toFixed(2);
}

function rate(count: number, ms: number): string {
  return `${((count / ms) * 1_000).toFixed(0)}/s`;
}
