import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { getProfile } from "@mneme/core/profile/get-profile.ts";
import { createProfileStore } from "@mneme/postgres/profile-store.ts";
import { acceptDrafts, workBucketOf } from "@mneme/postgres/testing/memories.ts";
import { openTestRecord } from "@mneme/postgres/testing/record.ts";
import { spread } from "../harness/figures.ts";

/**
 * `node test/bench/mind/profile-lab.ts [MEMORIES]`: what a profile costs of a person who has so many memories, over the
 * record alone.
 */
const MEMORIES = Number(process.argv[2] ?? 10_000);
const CATEGORIES = [
  "identity",
  "home",
  "work",
  "family",
  "health",
  "food",
  "hobbies",
  "travel",
  "plans",
  "other",
];
const KINDS = ["semantic", "semantic", "semantic", "episodic", "procedural"] as const;
const CALLS = 200;

await using record = await openTestRecord("profile_lab");
const { tenant } = record;
const scope = { userId: "ada" };
const drafts = Array.from({ length: MEMORIES }, (_, i) => ({
  ...draftOf(`Ada keeps entry ${i} of her list about the harbour and the isles.`),
  category: CATEGORIES[i % CATEGORIES.length] ?? "other",
  kind: KINDS[i % KINDS.length] ?? "semantic",
  importance: (i % 97) / 97,
}));
for (let i = 0; i < drafts.length; i += 1_000) {
  const extractionId = await acceptDrafts(record, tenant, scope, drafts.slice(i, i + 1_000));
  await workBucketOf(record, tenant.tenantId, extractionId);
}
await record.admin.query(
  "analyze mneme.memories, mneme.memory_versions, mneme.memory_sources, mneme.messages",
);

const deps = {
  profiles: createProfileStore(record.database),
  freshness: { isSearchable: async () => true },
  tokens: { seal: () => "", open: () => ({ type: "revision" as const, revision: 1n, buckets: [] }) },
  signals: { changed: async () => undefined },
};
const command = {
  scope,
  categories: [],
  maxLines: 60,
  tokenBudget: undefined,
  model: "",
  atLeastAsFresh: "",
};
for (const [name, asOf] of [
  ["now", undefined],
  ["as of now", new Date()],
] as const) {
  const times: number[] = [];
  let lines = 0;
  for (let call = 0; call < CALLS; call += 1) {
    const begun = performance.now();
    const { groups } = await getProfile(deps, tenant, { ...command, asOf });
    if (call >= CALLS / 10) times.push(performance.now() - begun);
    lines = groups.reduce((sum, group) => sum + group.lines.length, 0);
  }
  console.log(`profile, ${name.padEnd(10)} ${spread(times)}  (${lines} lines of ${MEMORIES} memories)`);
}
