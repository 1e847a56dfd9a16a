import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { WorkflowBundleOption } from "@temporalio/worker";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(HERE, "dist");
/** Everything that workflow code may import of ours. */
const SOURCES = [HERE, join(HERE, "../services/core")];
const FAILURE_CONVERTER = join(HERE, "failure-converter.ts");

/** Temporal's data converter: this side's and the sandbox's must be the same. */
export const dataConverter = { failureConverterPath: FAILURE_CONVERTER };

/**
 * The bundle of the workflow code as it stands. It is made once for each state of the sources and kept in
 * `dist`; making it takes seconds and 200 MB, so another process does it.
 */
export async function obtainBundle(): Promise<WorkflowBundleOption> {
  const codePath = join(DIST, `workflows-${await sourceHash()}.js`);
  const known = await readFile(codePath).catch(() => undefined);
  if (!known) {
    const options = { timeout: 120_000, env: { ...process.env, NODE_OPTIONS: "" } };
    await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), codePath], options);
  }
  return { codePath };
}

async function sourceHash(): Promise<string> {
  const hash = createHash("sha256");
  const sdk = fileURLToPath(import.meta.resolve("@temporalio/worker"));
  hash.update(sdk).update(await readFile(join(HERE, "package.json")));
  for (const folder of SOURCES) {
    const names = (await readdir(folder, { recursive: true })).filter(isSource).sort();
    for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  }
  return hash.digest("hex").slice(0, 16);
}

function isSource(name: string): boolean {
  return name.endsWith(".ts") && !name.endsWith(".test.ts") && !/(^|\/)(dist|node_modules)\//.test(name);
}

async function writeBundle(codePath: string): Promise<void> {
  const { bundleWorkflowCode } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(HERE, "workflow-bundle.ts"),
    failureConverterPath: FAILURE_CONVERTER,
  });
  await mkdir(DIST, { recursive: true });
  const whole = `${codePath}.${process.pid}`;
  await writeFile(whole, code);
  // Two starters may write the same bundle at once: each leaves a whole one.
  await rename(whole, codePath);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeBundle(process.argv[2] ?? join(DIST, `workflows-${await sourceHash()}.js`));
}
