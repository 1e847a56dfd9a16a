import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { multiSearch } from "@mneme/opensearch/candidates.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { Mneme } from "@mneme/sdk";
import { startBenchStack } from "./harness/bench-stack.ts";
import { type Dataset, loadDataset, TENANTS, USERS } from "./harness/dataset.ts";
import { percentile, residentMiB, spread, timed } from "./harness/figures.ts";
import { question } from "./harness/statements.ts";

/**
 * `npm run bench:search [MEMORIES]`: search through the product beside the raw `_msearch` and the embedding of
 * the same questions, in turn, in one run.
 */
const MEMORIES = Number(process.argv[2] ?? 100_000);
const PAIRS = 400;
const CLIENTS = 8;
const LOAD_SECONDS = 20;

await using stack = await startBenchStack({ MNEME_EMBEDDER_CACHE_SIZE: "0" });
const dataset = await loadDataset(stack, MEMORIES);
if (dataset.load) {
  const { memories, acceptedMs, searchableMs } = dataset.load;
  console.log(
    `import          ${rate(memories, acceptedMs)} accepted, ${rate(memories, searchableMs)} searchable`,
  );
}
let asked = 0;
await alone(dataset, 50);
const one = await alone(dataset, PAIRS);
console.log(`\n${MEMORIES} memories, ${TENANTS} tenants, distinct questions, no vector cache`);
console.log(`search alone    ${spread(one.product)}`);
console.log(`embed + raw     ${spread(one.raw)}`);
console.log(
  `ratio           p50 ${ratio(one, 50)}  p95 ${ratio(one, 95)}  (target: p95 at most 30 ms and 1.6 times)`,
);
const many = await together(dataset);
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

function nextQuestion() {
  const i = asked++;
  const tenant = i % TENANTS;
  const user = Math.floor(i / TENANTS) % USERS;
  return { tenant, user, text: question(tenant, user, i) };
}

async function alone(data: Dataset, pairs: number) {
  const mnemes = clients(data);
  await using embedder = await createMiniLmEmbedder({ modelDir: stack.modelDir, cacheSize: 0 });
  await using index = createIndexClient({ node: stack.engines.opensearch.url });
  const product: number[] = [];
  const raw: number[] = [];
  for (let i = 0; i < pairs; i += 1) {
    const { tenant, user, text } = nextQuestion();
    product.push(await timed(() => (mnemes[tenant] as Mneme).user(`user-${user}`).search(text)));
    const { tenantId, projectId } = data.tenants[tenant] as Dataset["tenants"][number];
    raw.push(
      await timed(async () => {
        const [vector] = await embedder.embed([nextQuestion().text], { purpose: "query" });
        const { lines } = multiSearch(
          {
            filter: { tenantId, projectId },
            vector: vector as Float32Array,
            keywords: text,
            entities: [],
            pool: 100,
          },
          new Date(),
        );
        await index.send({ method: "POST", path: "/_msearch", lines });
      }),
    );
  }
  await Promise.all(mnemes.map((mneme) => mneme[Symbol.asyncDispose]()));
  return { product, raw };
}

async function together(data: Dataset) {
  const mnemes = clients(data);
  const times: number[] = [];
  const end = performance.now() + LOAD_SECONDS * 1_000;
  const client = async () => {
    while (performance.now() < end) {
      const { tenant, user, text } = nextQuestion();
      times.push(await timed(() => (mnemes[tenant] as Mneme).user(`user-${user}`).search(text)));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  await Promise.all(mnemes.map((mneme) => mneme[Symbol.asyncDispose]()));
  return { times, perSecond: times.length / LOAD_SECONDS };
}

function ratio({ product, raw }: { product: number[]; raw: number[] }, p: number): string {
  return (percentile(product, p) / percentile(raw, p)).toFixed(2);
}

function rate(count: number, ms: number): string {
  return `${((count / ms) * 1_000).toFixed(0)}/s`;
}
