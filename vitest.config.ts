import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Suites that take longest, by what their paths hold; those that mostly wait beside those that mostly work, for a
 * machine idles under two that wait and serves neither of two that work.
 */
const LONG = [
  "test/faults/survive-kills",
  "workflows/move/",
  "test/isolation/many-tenants",
  "test/e2e/languages",
  "test/e2e/brought-key",
  "test/isolation/every-rpc",
  "embedded/robust",
  "workflows/batch/batch.test",
  "test/e2e/model-embedder",
  "workflows/ageing/ageing.test",
  "test/e2e/clients",
  "services/opensearch/purge",
  "test/e2e/limits",
  "test/e2e/model-extractor",
  "test/e2e/fair-tasks",
  "workflows/batch/batch-ends",
  "workflows/reindex/",
  "workflows/replay/replay",
  "workflows/ingest/tries",
];

/** Begins with those: one that is left to the end runs by itself. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((part) => moduleId.includes(part));
      return place < 0 ? LONG.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** The parts by themselves: their suites share what a worker has loaded, as a process in production does. */
const PARTS = "{services,sdks}/**/*.test.ts";
/** What kills engines, and brings its own. */
const FAULTS = "test/{faults,full}/**/*.test.ts";
const NOT_OURS = ["**/node_modules/**", "**/dist/**", ".mneme*/**"];

function suites(name: string, include: string, others: readonly string[] = [], options: object = {}) {
  return {
    extends: true as const,
    test: { name, include: [include], exclude: [...NOT_OURS, ...others], ...options },
  };
}

export default defineConfig({
  test: {
    projects: [
      suites("parts", PARTS, [], { isolate: false, unstubEnvs: true }),
      suites("whole", "**/*.test.ts", [PARTS, FAULTS]),
      suites("faults", FAULTS),
    ],
    // Suites share one set of engines; each has databases or a tenant of its own.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // Who is concurrent waits for a clock, of the engines or of retries: all of a suite wait together.
    maxConcurrency: 16,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A suite that leaves a handle open is a bug that would hang a process in production.
    teardownTimeout: 20_000,
  },
});
