import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import type { WorkflowBundleOption } from "@temporalio/worker";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DIST = join(HERE, "dist");
const MANIFEST = join(DIST, "workflows.json");
const FAILURE_CONVERTER = join(HERE, "failure-converter.ts");

/** Temporal's data converter: this side's and the sandbox's must be the same. */
export const dataConverter = { failureConverterPath: FAILURE_CONVERTER };

/** Which sources, by content, a bundle was made of. */
interface Manifest {
  readonly sdk: string;
  readonly code: string;
  readonly sources: Readonly<Record<string, string>>;
}

/**
 * The bundle of the workflow code as it stands, kept in `dist` until a source of it changes. Making it
 * takes seconds and 200 MB, so another process does it.
 */
export async function obtainBundle(): Promise<WorkflowBundleOption> {
  const known = await readManifest();
  if (known && (await isFresh(known))) return { codePath: join(DIST, known.code) };
  const options = { timeout: 120_000, env: { ...process.env, NODE_OPTIONS: "" } };
  await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url)], options);
  const made = await readManifest();
  if (!made) throw new Error("the workflow bundle could not be made");
  return { codePath: join(DIST, made.code) };
}

async function readManifest(): Promise<Manifest | undefined> {
  const text = await readFile(MANIFEST, "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

async function isFresh({ sdk, code, sources }: Manifest): Promise<boolean> {
  if (sdk !== (await sdkVersion()) || !(await hashOf(join(DIST, code)))) return false;
  const checks = Object.entries(sources).map(
    async ([name, hash]) => (await hashOf(join(HERE, name))) === hash,
  );
  return (await Promise.all(checks)).every(Boolean);
}

async function sdkVersion(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve("@temporalio/worker"));
  const { version } = JSON.parse(await readFile(join(entry, "../../package.json"), "utf8"));
  return version;
}

/** Undefined where there is no such file. */
async function hashOf(file: string): Promise<string | undefined> {
  const content = await readFile(file).catch(() => undefined);
  return content && createHash("sha256").update(content).digest("hex").slice(0, 32);
}

async function makeBundle(): Promise<void> {
  const { bundleWorkflowCode } = await import("@temporalio/worker");
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(HERE, "workflow-bundle.ts"),
    failureConverterPath: FAILURE_CONVERTER,
  });
  const sources: Record<string, string> = {};
  for (const file of ownSources(code)) {
    const hash = await hashOf(file);
    if (hash) sources[relative(HERE, file)] = hash;
  }
  const sdk = await sdkVersion();
  const name = createHash("sha256").update(JSON.stringify({ sdk, sources })).digest("hex").slice(0, 16);
  await mkdir(DIST, { recursive: true });
  const manifest: Manifest = { sdk, code: `workflows-${name}.js`, sources };
  await writeWhole(join(DIST, manifest.code), code);
  await writeWhole(MANIFEST, JSON.stringify(manifest, undefined, 2));
}

/** Files of ours in the bundle, as its inline source map names them. */
function ownSources(code: string): string[] {
  const encoded = code.slice(code.lastIndexOf("base64,") + "base64,".length).trim();
  const { sources } = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as { sources: string[] };
  return sources.filter((file) => file.endsWith(".ts") && !file.includes("node_modules"));
}

/** Two starters may write at once: each leaves a whole file. */
async function writeWhole(file: string, content: string): Promise<void> {
  await writeFile(`${file}.${process.pid}`, content);
  await rename(`${file}.${process.pid}`, file);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await makeBundle();
