import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { execa } from "execa";
import { auditLicences, auditSignatures, auditVulnerabilities, type NotRun } from "./audit.ts";
import type { Tally } from "./suites.ts";

/** A static check; it passes when its commands succeed. */
export interface Check {
  readonly name: string;
  /** @returns why it could not be made here. @throws with the tool's output when it fails. */
  run(): Promise<NotRun>;
}

const command = (name: string, program: string, ...args: string[]): Check => ({
  name,
  run: async () => {
    await execa(program, args, { cwd: ROOT, preferLocal: true, localDir: ROOT, all: true });
    return undefined;
  },
});

/** Generating again must change nothing. */
const generated: Check = {
  name: "generated code is up to date",
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "mneme-generate-"));
    try {
      await execa("buf", ["generate", "--output", folder], { cwd: ROOT, preferLocal: true, all: true });
      await execa("diff", ["-r", join(folder, "proto/gen"), join(ROOT, "proto/gen")], { all: true });
      return undefined;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** What we depend on: by the registry's word, and by the lock file's. */
export const AUDITS: readonly Check[] = [
  { name: "no known holes in dependencies", run: () => auditVulnerabilities() },
  { name: "signatures of dependencies", run: () => auditSignatures() },
  { name: "licences of dependencies", run: () => auditLicences() },
];

export const CHECKS: readonly Check[] = [
  command("lint", "biome", "ci", "--colors=off", "."),
  command("types", "tsc", "--noEmit"),
  command("proto lint", "buf", "lint"),
  command("proto format", "buf", "format", "--diff", "--exit-code"),
  generated,
  ...AUDITS,
];

/** Makes checks one after the other and prints how each went; one that cannot be made here is not counted. */
export async function runChecks(checks: readonly Check[]): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  for (const check of checks) {
    try {
      const notRun = await check.run();
      if (notRun === undefined) tally.passed += 1;
      console.log(
        notRun === undefined ? `ok    ${check.name}` : `----  ${check.name}: not looked at, ${notRun}`,
      );
    } catch (error) {
      tally.failed += 1;
      const output = error instanceof Error && "all" in error ? String(error.all) : String(error);
      console.log(`FAIL  ${check.name}\n${output}`);
    }
  }
  return tally;
}
