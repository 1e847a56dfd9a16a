/**
 * Prints what the embedded model costs: `node services/models/minilm/bench.ts`. Every row is a process of its
 * own, so that resident memory is that row's alone. Needs MNEME_MODEL_DIR or the launcher's cache.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { installedModelDir } from "../testing/model-dir.ts";
import { createMiniLmEmbedder } from "./embedder.ts";
import type { MiniLmVariant } from "./model.ts";

interface Row {
  readonly variant: MiniLmVariant;
  readonly threads: number;
  readonly maxPaddedTokens: number;
}

const ROWS: readonly Row[] = [
  { variant: "fp32", threads: 1, maxPaddedTokens: 256 },
  { variant: "q8", threads: 1, maxPaddedTokens: 128 },
  { variant: "q8", threads: 1, maxPaddedTokens: 256 },
  { variant: "q8", threads: 1, maxPaddedTokens: 512 },
  { variant: "q8", threads: 1, maxPaddedTokens: 2048 },
  { variant: "q8", threads: 2, maxPaddedTokens: 256 },
];
const WORDS =
  "river apple moved sister garden doctor Lisbon march happy guitar plans school coffee train".split(" ");
const QUERIES = 500;

function sentence(words: number, seed: number): string {
  return Array.from(
    { length: words },
    (_, i) => WORDS[(seed * 7 + i * (1 + (seed % 5))) % WORDS.length],
  ).join(" ");
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN;
}

async function measure(row: Row): Promise<void> {
  await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir(), cacheSize: 0, ...row });
  const query = async (i: number) => {
    const start = performance.now();
    await embedder.embed([sentence(10, i)], { purpose: "query" });
    return performance.now() - start;
  };
  for (let i = 0; i < 50; i++) await query(i);
  const alone: number[] = [];
  for (let i = 0; i < QUERIES; i++) alone.push(await query(i));
  const rates: number[] = [];
  const cpu: number[] = [];
  for (const words of [10, 30, 60]) {
    const before = process.cpuUsage();
    const { perSecond, count } = await embedDocuments(embedder, words);
    const { user, system } = process.cpuUsage(before);
    rates.push(perSecond);
    cpu.push((user + system) / 1000 / count);
  }
  const beside: number[] = [];
  const load = embedDocuments(embedder, 30);
  for (let busy = true; busy; ) {
    beside.push(await query(beside.length));
    busy = await Promise.race([
      load.then(() => false),
      new Promise<boolean>((done) => setImmediate(done, true)),
    ]);
  }
  for (const list of [alone, beside]) list.sort((a, b) => a - b);
  print([
    `${row.variant} x${row.threads} (${row.maxPaddedTokens})`,
    `${quantile(alone, 0.5).toFixed(1)} / ${quantile(alone, 0.95).toFixed(1)}`,
    `${quantile(beside, 0.5).toFixed(1)} / ${quantile(beside, 0.95).toFixed(1)}`,
    rates.map((rate) => rate.toFixed(0)).join(" / "),
    cpu.map((ms) => ms.toFixed(1)).join(" / "),
    `${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)}`,
  ]);
}

async function embedDocuments(
  embedder: Awaited<ReturnType<typeof createMiniLmEmbedder>>,
  words: number,
): Promise<{ perSecond: number; count: number }> {
  const texts = Array.from({ length: Math.ceil(20_000 / words) }, (_, i) => sentence(words, i));
  const start = performance.now();
  await embedder.embed(texts, { purpose: "document" });
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: texts.length / seconds, count: texts.length };
}

function print(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

const [encoded] = process.argv.slice(2);
if (encoded) {
  await measure(JSON.parse(encoded));
} else {
  print([
    "variant (batch tokens)",
    "query p50 / p95 ms",
    "beside documents",
    "texts/s of 10 / 30 / 60 words",
    "CPU ms a text",
    "RSS MiB",
  ]);
  print(Array(6).fill("---"));
  for (const row of ROWS) await once(fork(fileURLToPath(import.meta.url), [JSON.stringify(row)]), "exit");
}
