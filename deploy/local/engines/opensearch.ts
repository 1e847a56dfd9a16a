import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { type EngineAccount, give, owned, readable } from "../account.ts";
import { cached, unzip, verifySha256 } from "../cache.ts";
import type { ChildSpec } from "../child.ts";
import { type Fetching, findTool, runTool, ToolError } from "../tool.ts";
import type { Java } from "./jdk.ts";

/** What Maven Central carries: the distribution with all modules, and the k-NN plugin of the same version. */
const DISTRIBUTION = {
  group: "org.opensearch.distribution.integ-test-zip",
  artifact: "opensearch",
  version: "3.6.0",
  sha256: "a91faa1dc1cadc78cb278b4f63847e19e1627a4e9de698e14e7efc14ee37b286",
};
const KNN = {
  group: "org.opensearch.plugin",
  artifact: "opensearch-knn",
  version: "3.6.0.0",
  sha256: "ac392ca28a39b3bf290648a422ef30cb149dda2963a9d7feb26060e932341c9a",
};
const MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/** To the console alone, which is the log file. */
const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%-25c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;

type Artefact = typeof DISTRIBUTION;

export interface OpenSearchSite {
  /** The folder given to OpenSearch: its configuration and data. */
  readonly folder: string;
  readonly logFile: string;
  readonly port: number;
  /** Between nodes; a single node opens it all the same. */
  readonly transportPort: number;
  readonly account: EngineAccount | undefined;
  readonly java: Java;
  /** After those of the distribution. */
  readonly javaOptions: readonly string[];
}

/** OpenSearch's folder with k-NN in it, from Maven, checked against pinned SHA-256 sums. */
export async function obtainOpenSearch(java: Java, fetching: Fetching): Promise<string> {
  return await cached(
    fetching.cache,
    `opensearch/${DISTRIBUTION.version}-knn-${KNN.version}`,
    async (folder) => {
      const downloads = await mkdtemp(`${folder}-zip-`);
      try {
        const distribution = await download(DISTRIBUTION, downloads, java, fetching);
        fetching.onLine("unpacking");
        await unzip(distribution, folder, { below: `opensearch-${DISTRIBUTION.version}/` });
        const knn = await download(KNN, downloads, java, fetching);
        await unzip(knn, join(folder, "plugins/opensearch-knn"));
      } finally {
        await rm(downloads, { recursive: true, force: true });
      }
    },
  );
}

async function download(
  artefact: Artefact,
  folder: string,
  java: Java,
  { onLine, onDetail, signal }: Fetching,
): Promise<string> {
  const { group, artifact, version, sha256 } = artefact;
  const name = `${artifact}-${version}.zip`;
  const kept = join(homedir(), ".m2/repository", ...group.split("."), artifact, version, name);
  const file = existsSync(kept) ? kept : join(folder, name);
  if (file !== kept) {
    onLine(`downloading ${name}`);
    const coordinates = `-Dartifact=${group}:${artifact}:${version}:zip`;
    const goal = [`${MAVEN_PLUGIN}:copy`, coordinates, `-DoutputDirectory=${folder}`];
    await runTool(maven(), ["--batch-mode", ...goal], {
      timeoutMs: 900_000,
      cwd: folder,
      env: findTool("java") === undefined ? { ...process.env, JAVA_HOME: java.home } : process.env,
      onDetail,
      signal,
    });
  }
  await verifySha256(file, sha256);
  return file;
}

function maven(): string {
  const path = findTool("mvn");
  if (path !== undefined) return path;
  throw new ToolError(
    "Maven is missing, which fetches OpenSearch: install it (Debian: apt-get install maven; macOS: brew install maven), or set MNEME_OPENSEARCH_URL to an OpenSearch 3.6 with the k-NN plugin.",
  );
}

/** Writes the node's configuration and says how to start it. */
export async function prepareOpenSearch(distribution: string, site: OpenSearchSite): Promise<ChildSpec> {
  const home = readable(distribution, site.account, `opensearch-${basename(distribution)}`);
  const javaHome = readable(site.java.home, site.account);
  const place = owned(site.folder, site.account);
  const config = join(place, "config");
  mkdirSync(join(config, "jvm.options.d"), { recursive: true });
  mkdirSync(join(place, "tmp"), { recursive: true });
  writeFileSync(join(config, "opensearch.yml"), settings(place, site));
  const options = readFileSync(join(home, "config/jvm.options"), "utf8");
  writeFileSync(join(config, "jvm.options"), jvmOptions(options, site.java.modules));
  writeFileSync(join(config, "log4j2.properties"), LOGGING);
  give(place, site.account);
  const url = `http://127.0.0.1:${site.port}`;
  const environment = { PATH: process.env.PATH, HOME: place, OPENSEARCH_TMPDIR: join(place, "tmp") };
  return {
    name: "OpenSearch",
    command: join(javaHome, "bin/java"),
    args: [
      ...(await finalJvmOptions(home, javaHome, config, environment, site.account)),
      ...site.javaOptions,
      `-Djava.io.tmpdir=${join(place, "tmp")}`,
      `-Dopensearch.path.home=${home}`,
      `-Dopensearch.path.conf=${config}`,
      "-Dopensearch.distribution.type=zip",
      "-Dopensearch.bundled_jdk=false",
      "-cp",
      join(home, "lib/*"),
      "org.opensearch.bootstrap.OpenSearch",
    ],
    env: environment,
    // The options name the agent by a path relative to the distribution.
    cwd: home,
    logFile: site.logFile,
    uid: site.account?.uid,
    gid: site.account?.gid,
    stopSignal: "SIGTERM",
    stopMs: 20_000,
    ready: async (signal) => await opensearchServes(url, signal),
    readyMs: 240_000,
    showLog: "all",
  };
}

function settings(place: string, site: OpenSearchSite): string {
  // YAML reads JSON, so any path is quoted right.
  return JSON.stringify(
    {
      "cluster.name": "mneme-local",
      "node.name": "local",
      "path.data": join(place, "data"),
      "path.logs": join(place, "tmp"),
      "network.host": "127.0.0.1",
      "http.port": site.port,
      "transport.port": site.transportPort,
      "discovery.type": "single-node",
      // A development machine's disk is often nearly full; a full one says so by itself.
      "cluster.routing.allocation.disk.threshold_enabled": false,
      "action.auto_create_index": false,
      "cluster.max_shards_per_node": 4000,
    },
    undefined,
    2,
  );
}

/**
 * What `bin/opensearch` works out before it starts the node, by the same program of the distribution; the script itself
 * starts two Javas more on the way, which takes seconds.
 */
async function finalJvmOptions(
  home: string,
  javaHome: string,
  config: string,
  env: NodeJS.ProcessEnv,
  account: EngineAccount | undefined,
): Promise<readonly string[]> {
  const program = [
    "-Xshare:auto",
    "-cp",
    join(home, "lib/*"),
    "org.opensearch.tools.launchers.JvmOptionsParser",
  ];
  const text = await runTool(join(javaHome, "bin/java"), [...program, config], {
    cwd: home,
    env: { ...env, OPENSEARCH_JAVA_OPTS: "-Xms1g -Xmx1g" },
    timeoutMs: 60_000,
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  });
  const options = text.split(/\s+/).filter((option) => option !== "");
  const strange = options.find((option) => !option.startsWith("-"));
  if (strange !== undefined) throw new ToolError(`OpenSearch's JVM options cannot be read: ${text}`);
  return ["-Xshare:auto", ...options];
}

/**
 * The distribution's JVM options without what this Java has not got, without heap and temporary folder of their own, and
 * without files written into the distribution: its folder is shared, and a dump of the heap would hold people's text.
 */
export function jvmOptions(text: string, modules: ReadonlySet<string>): string {
  return text
    .split("\n")
    .filter((line) => !/^-Xm[sx]|Heap[dD]ump|ErrorFile|Xlog|java\.io\.tmpdir/.test(line))
    .filter((line) => modules.has("jdk.incubator.vector") || !line.includes("jdk.incubator.vector"))
    .join("\n");
}

/** Whether every primary shard of the cluster serves. */
export async function opensearchServes(url: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(`${url}/_cluster/health`, { signal });
  if (!response.ok) return false;
  const { status } = (await response.json()) as { status: string };
  // Yellow: every primary serves; a single node has nowhere to put replicas.
  return status === "green" || status === "yellow";
}
