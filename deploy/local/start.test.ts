import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const START = fileURLToPath(new URL("./start.ts", import.meta.url));

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "mneme-start-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** Starts with settings that cannot be used, so it ends before it has fetched or started anything. */
function start(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const all = { PATH: process.env.PATH, MNEME_DATA_DIR: dataDir, MNEME_CACHE_DIR: dataDir, ...env };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [START], { env: all }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
  });
}

it.each([
  [
    "worker's",
    { MNEME_EXTRACTOR: "gpt" },
    'MNEME_EXTRACTOR: Invalid option: expected one of "embedded"|"openai"',
  ],
  ["worker's", { MNEME_EMBEDDER_THREADS: "many" }, "MNEME_EMBEDDER_THREADS: Invalid input: expected number"],
  ["api's", { MNEME_API_TLS_PORT: "7443" }, "MNEME_TLS_CERT is required when MNEME_API_TLS_PORT is set"],
  ["api's", { MNEME_DRAIN_SECONDS: "long" }, "MNEME_DRAIN_SECONDS: Invalid input: expected number"],
])("ends at a wrong setting of the %s before it starts anything: %o", async (_, env, sentence) => {
  const { code, output } = await start(env);
  expect(code).toBe(1);
  expect(output).toContain(sentence);
  expect(output).not.toContain("    at ");
  expect(readdirSync(dataDir)).toEqual([]);
});

it("names what is wrong with both processes' settings at once", async () => {
  const { output } = await start({ MNEME_EXTRACTOR: "gpt", MNEME_MAX_REQUEST_BYTES: "1" });
  expect(output).toContain("MNEME_EXTRACTOR");
  expect(output).toContain("MNEME_MAX_REQUEST_BYTES");
});
