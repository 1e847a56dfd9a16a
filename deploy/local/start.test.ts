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
  ["api's", { MNEME_DATABASE_TLS: "on" }, "MNEME_DATABASE_TLS is set, and the address asks for a connection"],
  ["api's", { MNEME_DRAIN_SECONDS: "long" }, "MNEME_DRAIN_SECONDS: Invalid input: expected number"],
])("ends at a wrong setting of the %s before it starts anything: %o", async (_, env, sentence) => {
  const { code, output } = await start(env);
  expect(code).toBe(1);
  expect(output).toContain(sentence);
  expect(output).not.toContain("    at ");
  expect(readdirSync(dataDir)).toEqual([]);
});

const SAME = "must be different ports";

it.each<[Record<string, string>, string]>([
  [{ MNEME_API_PORT: "7401" }, `MNEME_API_PORT and MNEME_METRICS_PORT (7401 unless set) ${SAME}`],
  [
    { MNEME_API_PORT: "18123", MNEME_POSTGRES_PORT: "18123", MNEME_API_TLS_PORT: "18123" },
    `MNEME_API_PORT, MNEME_POSTGRES_PORT and MNEME_API_TLS_PORT ${SAME}`,
  ],
  [{ MNEME_TEMPORAL_UI_PORT: "70000" }, "MNEME_TEMPORAL_UI_PORT must be a port (0 to 65535)"],
  [{ MNEME_OPENSEARCH_URL: "ftp://hidden-word" }, "MNEME_OPENSEARCH_URL must be an http or https URL"],
  [{ MNEME_POSTGRES_URL: "mysql://hidden-word@db/x" }, "MNEME_POSTGRES_URL must be a postgres URL"],
  [{ MNEME_POSTGRES_URL: "postgres:hidden-word" }, "MNEME_POSTGRES_URL must be a postgres URL"],
  [{ MNEME_TEMPORAL_ADDRESS: "hidden-word" }, "MNEME_TEMPORAL_ADDRESS must be host:port"],
  [{ MNEME_TEMPORAL_ADDRESS: "http://hidden-word:7233" }, "MNEME_TEMPORAL_ADDRESS must be host:port"],
  [{ MNEME_TEMPORAL_ADDRESS: "hidden-word:99999" }, "MNEME_TEMPORAL_ADDRESS must be host:port"],
])("ends at a wrong setting of the stack before it starts anything: %o", async (env, sentence) => {
  const { code, output } = await start(env);
  expect(code).toBe(1);
  expect(output).toContain(`  ${sentence}\n`);
  expect(output).not.toMatch(/hidden-word| {4}at /);
  expect(readdirSync(dataDir)).toEqual([]);
});

it("names all that is wrong with the stack and both processes at once, a line each", async () => {
  const { output } = await start({
    MNEME_OPENSEARCH_URL: "ftp://search",
    MNEME_TEMPORAL_ADDRESS: "temporal",
    MNEME_TEMPORAL_PORT: "x",
    MNEME_API_PORT: "7401",
    MNEME_EXTRACTOR: "gpt",
    MNEME_EMBEDDER_URL: "search:9200",
  });
  const lines = output.split("\n").filter((line) => line.startsWith("  MNEME_"));
  expect(lines.map((line) => /MNEME_\w+/.exec(line)?.[0]).sort()).toEqual([
    "MNEME_API_PORT",
    "MNEME_EMBEDDER_URL",
    "MNEME_EXTRACTOR",
    "MNEME_OPENSEARCH_URL",
    "MNEME_TEMPORAL_ADDRESS",
    "MNEME_TEMPORAL_PORT",
  ]);
});

it("names what is wrong with both processes' settings at once", async () => {
  const { output } = await start({
    MNEME_EXTRACTOR: "gpt",
    MNEME_MAX_REQUEST_BYTES: "1",
    // The stack tells them where their databases are.
    MNEME_DATABASE_URL_FILE: "/nowhere",
  });
  expect(output).not.toContain("MNEME_DATABASE_URL");
  expect(output).toContain("MNEME_EXTRACTOR");
  expect(output).toContain("MNEME_MAX_REQUEST_BYTES");
});
