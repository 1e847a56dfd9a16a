import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", ".mneme*/**"],
    // Suites share one set of engines; each has databases or a tenant of its own.
    maxWorkers: 2,
    // Who is concurrent waits for a clock, of the engines or of retries: all of a suite wait together.
    maxConcurrency: 16,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A suite that leaves a handle open is a bug that would hang a process in production.
    teardownTimeout: 20_000,
  },
});
