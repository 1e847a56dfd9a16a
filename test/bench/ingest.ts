import { Mneme } from "@mneme/sdk";
import { startBenchStack } from "./harness/bench-stack.ts";
import { residentMiB, slope, spread, timed } from "./harness/figures.ts";
import { statement } from "./harness/statements.ts";

/**
 * `npm run bench:ingest [--soak]`: what an add costs its caller, how soon it can be found, and how many messages
 * a second are sustained, once everything has run for a moment; with
 * `--soak` instead ten minutes of load and the slope of resident memory.
 */
const SOAK = process.argv.includes("--soak");
const SECONDS = 60;
const run = Date.now().toString(36);

await using stack = await startBenchStack();
await using mneme = new Mneme({
  url: stack.processes.api.url,
  apiKey: stack.record.tenant.apiKey,
  timeoutMs: 600_000,
});
const { api, worker } = stack.processes;
let said = 0;
const nextText = () => `I ${statement(said, said % 17, said++).replace(/^\w+ /, "")}`;

await warmUp();
if (SOAK) console.log(await soak(600));
else await measure();
console.log(
  `resident                 api ${(await residentMiB(api.metricsUrl)).toFixed(0)} MiB, worker ${(await residentMiB(worker.metricsUrl)).toFixed(0)} MiB (target: 500 each)`,
);

/** For minutes after its start OpenSearch compiles its own code, which takes a quarter of a core from the rest. */
async function warmUp(): Promise<void> {
  const { last } = await offer(20, 50, 120);
  await mneme.waitFor(last, { timeoutMs: 600_000 });
  await imports("warm-up", 6_000);
}

async function measure(): Promise<void> {
  const { added, searchable } = await idle(200);
  console.log(`add answered, idle       ${spread(added)}  (target: p95 15 ms)`);
  console.log(`add to searchable, idle  ${spread(searchable)}  (target: p95 2,000 ms)`);
  for (const people of [20, 500]) console.log(await sustained(people, 100, SECONDS));
  console.log(await flood(20));
  console.log(await imports("import", 8_000));
}

async function idle(count: number) {
  const added: number[] = [];
  const searchable: number[] = [];
  for (let i = 0; i < count; i += 1) {
    const begun = performance.now();
    const result = await mneme.user(`${run}-idle-${i % 20}`).add(nextText(), { name: "Robin" });
    added.push(performance.now() - begun);
    await mneme.waitFor(result);
    searchable.push(performance.now() - begun);
  }
  return { added, searchable };
}

/** Offers `perSecond` messages for `seconds`, evenly; then waits until the last one can be found. */
async function sustained(people: number, perSecond: number, seconds: number): Promise<string> {
  const { times, last, begun } = await offer(people, perSecond, seconds);
  const offeredMs = performance.now() - begun;
  await mneme.waitFor(last, { timeoutMs: 600_000 });
  const behindMs = performance.now() - begun - offeredMs;
  const sent = times.length;
  const rate = (sent / (offeredMs + behindMs)) * 1_000;
  return (
    `${perSecond}/s over ${people} people`.padEnd(25) +
    `${rate.toFixed(0)}/s sustained to searchable, ${(behindMs / 1_000).toFixed(1)} s behind after ${(offeredMs / 1_000).toFixed(0)} s; add ${spread(times)}`
  );
}

async function offer(people: number, perSecond: number, seconds: number) {
  const times: number[] = [];
  const ids: string[] = [];
  const open = new Set<Promise<void>>();
  const begun = performance.now();
  for (let i = 0; i < perSecond * seconds; i += 1) {
    const due = begun + (i / perSecond) * 1_000;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const call = timed(async () => {
      const { extractionId } = await mneme
        .user(`${run}-${people}-${i % people}`)
        .add(nextText(), { name: "Robin" });
      ids.push(extractionId);
    }).then((ms) => {
      times.push(ms);
      open.delete(call);
    });
    open.add(call);
  }
  await Promise.all(open);
  return { times, last: ids.slice(-people), begun };
}

/** As fast as eight clients can, for 20 s: what the pipeline carries at most. */
async function flood(people: number): Promise<string> {
  const ids: string[] = [];
  const begun = performance.now();
  const client = async () => {
    while (performance.now() - begun < 20_000) {
      const user = mneme.user(`${run}-flood-${ids.length % people}`);
      ids.push((await user.add(nextText(), { name: "Robin" })).extractionId);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  const accepted = (ids.length / (performance.now() - begun)) * 1_000;
  await mneme.waitFor(ids.slice(-people * 4), { timeoutMs: 600_000 });
  const searchable = (ids.length / (performance.now() - begun)) * 1_000;
  return `flood, ${people} people         ${accepted.toFixed(0)}/s accepted, ${searchable.toFixed(0)}/s to searchable`;
}

async function imports(name: string, count: number): Promise<string> {
  const begun = performance.now();
  const drafts = Array.from({ length: count }, (_, i) => ({ text: statement(name.length, i % 20, i) }));
  const result = await mneme.user(`${run}-${name}`).import(drafts);
  const accepted = (count / (performance.now() - begun)) * 1_000;
  await mneme.waitFor(result, { timeoutMs: 600_000 });
  const searchable = (count / (performance.now() - begun)) * 1_000;
  return `import                   ${accepted.toFixed(0)}/s accepted, ${searchable.toFixed(0)}/s to searchable  (target: 400/s)`;
}

/** Load for `seconds`, then the growth of resident memory over the last half, as a share of its mean. */
async function soak(seconds: number): Promise<string> {
  const samples: { at: number; api: number; worker: number }[] = [];
  const begun = performance.now();
  const sampler = setInterval(async () => {
    const [apiMiB, workerMiB] = await Promise.all([
      residentMiB(api.metricsUrl),
      residentMiB(worker.metricsUrl),
    ]);
    samples.push({ at: (performance.now() - begun) / 1_000, api: apiMiB, worker: workerMiB });
  }, 5_000);
  await offer(50, 40, seconds);
  clearInterval(sampler);
  const half = samples.filter(({ at }) => at >= seconds / 2);
  const growth = (part: "api" | "worker") => {
    const mean = half.reduce((sum, sample) => sum + sample[part], 0) / half.length;
    return ((slope(half.map((sample) => [sample.at, sample[part]])) * (seconds / 2)) / mean) * 100;
  };
  return `memory over the last ${seconds / 2} s  api ${growth("api").toFixed(1)} %, worker ${growth("worker").toFixed(1)} %  (target: under 5 %)`;
}
