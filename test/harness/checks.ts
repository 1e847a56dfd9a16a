import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { execa } from "execa";

/** A static check; it passes when its commands succeed. */
export interface Check {
  readonly name: string;
  /** @throws with the tool's output when it fails. */
  run(): Promise<void>;
}

const command = (name: string, program: string, ...args: string[]): Check => ({
  name,
  run: async () => {
    await execa(program, args, { cwd: ROOT, preferLocal: true, localDir: ROOT, all: true });
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
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

export const CHECKS: readonly Check[] = [
  command("lint", "biome", "ci", "--colors=off", "."),
  command("types", "tsc", "--noEmit"),
  command("proto lint", "buf", "lint"),
  command("proto format", "buf", "format", "--diff", "--exit-code"),
  generated,
];
