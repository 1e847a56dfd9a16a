import { Mneme } from "@mneme/sdk";
import { startBenchStack } from "./harness/bench-stack.ts";
import { percentile, spread } from "./harness/figures.ts";
import { question, statement } from "./harness/statements.ts";
import { provisionTenants } from "./harness/tenants.ts";

/**
 * `npm run bench:layers`: the same search with and without the shared layers, in turn, in one run: what it costs to ask the
 * team's, the project's and the tenant's memory along.
 */
const USERS = 20;
const OF_USER = 500;
const OF_TEAM = 4_000;
const OF_PROJECT = 4_000;
const OF_TENANT = 2_000;
const WARM_UP = 200;
const PAIRS = 400;

await using stack = await startBenchStack({ MNEME_EMBEDDER_CACHE_SIZE: "0" });
const [tenant] = await provisionTenants(stack, [`layers ${Date.now()}`]);
if (!tenant) throw new Error("no tenant was made");
await using mneme = new Mneme({ url: stack.processes.api.url, apiKey: tenant.apiKey, timeoutMs: 600_000 });
await load();

const plain: number[] = [];
const layered: number[] = [];
const index: { plain: number[]; layered: number[] } = { plain: [], layered: [] };
for (let i = 0; i < WARM_UP; i += 1) await ask(i, i % 2 === 0);
for (const times of [plain, layered, index.plain, index.layered]) times.length = 0;
// Who goes first changes, for the second one finds warmer caches.
for (let i = 0; i < PAIRS; i += 1)
  for (const first of [i % 2 === 0, i % 2 === 1]) await ask(WARM_UP + 2 * i + Number(first), first);

console.log(
  `${USERS * OF_USER} memories of ${USERS} people, ${OF_TEAM + OF_PROJECT + OF_TENANT} that they share`,
);
console.log(`the person's own      ${spread(plain)}, the index ${spread(index.plain)}`);
console.log(`with shared layers    ${spread(layered)}, the index ${spread(index.layered)}`);
console.log(`ratio                 ${ratio(layered, plain)}, the index ${ratio(index.layered, index.plain)}`);

async function load(): Promise<void> {
  const { defaultProjectId: projectId } = await mneme.tenant.get();
  await mneme.teams.create("everybody");
  await mneme.grants.create("everybody", { projectId }, { access: "write" });
  await mneme.grants.create({ tenant: true }, { projectId }, { access: "write" });
  const scopes = [
    ...Array.from({ length: USERS }, (_, user) => [mneme.user(`user-${user}`), OF_USER] as const),
    [mneme.team("everybody"), OF_TEAM] as const,
    [mneme.shared("project"), OF_PROJECT] as const,
    [mneme.shared("tenant"), OF_TENANT] as const,
  ];
  for (const [place, [scope, count]] of scopes.entries()) {
    const drafts = Array.from({ length: count }, (_, i) => ({ text: statement(0, place, i) }));
    const { extractionIds } = await scope.import(drafts);
    await mneme.waitFor({ extractionIds }, { timeoutMs: 3_600_000 });
  }
}

/** Another question each time. */
async function ask(i: number, withLayers: boolean): Promise<void> {
  const user = i % USERS;
  const options = withLayers ? { layers: ["shared"] as const } : {};
  const { timings, degraded } = await mneme.user(`user-${user}`).search(question(0, user, i), options);
  if (degraded.length > 0) throw new Error("the search was not whole");
  (withLayers ? layered : plain).push(timings.totalMs);
  (withLayers ? index.layered : index.plain).push(timings.indexMs);
}

function ratio(times: readonly number[], base: readonly number[]): string {
  return [50, 95].map((p) => `p${p} ${(percentile(times, p) / percentile(base, p)).toFixed(2)}`).join("  ");
}
