import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { execa } from "execa";

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

/** Runs suites and counts; a file that does not even load is one failure. */
export async function runSuites(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  reportFile: string,
): Promise<Tally> {
  await rm(reportFile, { force: true });
  const { exitCode } = await execa(
    join(ROOT, "node_modules/.bin/vitest"),
    ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...args],
    { cwd: ROOT, env, stdio: ["ignore", "inherit", "inherit"], reject: false },
  );
  const report = await readReport(reportFile);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  return {
    passed: report.numPassedTests,
    // An error outside any test fails the run too.
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}

async function readReport(file: string): Promise<Report | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}
