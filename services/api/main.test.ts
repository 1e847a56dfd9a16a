import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Ends without having needed an engine. */
function start(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [MAIN], { env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, output: stdout + stderr });
    });
  });
}

test("settings that cannot be used end the process with every fault by name, and no value", async () => {
  const { code, output } = await start({
    MNEME_DATABASE_URL: "mysql://app:hidden-word@db.example/x",
    MNEME_API_PORT: "hidden-word",
  });
  expect(code).toBe(1);
  for (const name of ["DATABASE_URL", "KEYS_DATABASE_URL", "API_PORT", "OPENSEARCH_URL", "MODEL_DIR"]) {
    expect(output).toContain(`MNEME_${name}`);
  }
  expect(output).not.toContain("hidden-word");
  expect(output).not.toContain("    at ");
});

test("a master key that cannot be read ends the process", async () => {
  const { code, output } = await start({
    MNEME_DATABASE_URL: "postgres://app:hidden-word@127.0.0.1:1/x",
    MNEME_KEYS_DATABASE_URL: "postgres://app:hidden-word@127.0.0.1:1/x",
    MNEME_MASTER_KEY_FILE: "/nowhere/master.key",
    MNEME_OPENSEARCH_URL: "http://127.0.0.1:1",
    MNEME_MODEL_DIR: "/nowhere/model",
  });
  expect(code).toBe(1);
  expect(output).toContain("/nowhere/master.key");
  expect(output).not.toContain("hidden-word");
});
