import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { ConsolidationService } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { GraphService } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { ReplayService } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { build } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as sdk from "./browser.ts";
import { HttpServer } from "./test/http-server.ts";
import { KEY, MemoryServer } from "./test/memory-server.ts";
import { Recorder } from "./test/recorder.ts";

const run = promisify(execFile);
const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "..", "..", "node_modules");

/** What the README's administration and graph are answered. */
const REPLAY = { replay: { id: "0197a0a0-0000-7000-8000-000000000000", state: "REPLAY_STATE_READY" } };
const ADMINISTERED = {
  StartReplay: REPLAY,
  GetReplay: REPLAY,
  DiscardReplay: REPLAY,
  CreateProject: { project: { projectId: "0197a0a0-0000-7000-8000-000000000000" } },
  CreateApiKey: { apiKey: {}, secret: "mneme_secret" },
  CreateTeam: { team: {} },
  CreateGrant: { grant: {} },
  GetTenant: { tenant: { etag: "e1" } },
  UpdateTenant: { tenant: { etag: "e2" } },
  ListEntities: { entities: [{ entityId: "0197a0a0-0000-8000-8000-000000000000", names: [] }] },
  MergeEntities: { entity: {} },
  ListApiKeys: { apiKeys: [{ prefix: "mneme_secret", roles: ["ROLE_READER"] }] },
};

// Compilers and processes of their own: slow on a busy machine.
describe("the built package", { timeout: 60_000 }, () => {
  let consumer: string;
  let dist: string;

  beforeAll(async () => {
    consumer = await mkdtemp(join(tmpdir(), "mneme-sdk-"));
    dist = join(consumer, "node_modules", "@mneme", "sdk");
    await mkdir(dist, { recursive: true });
    await run(process.execPath, [join(HERE, "build.ts"), dist]);
    // Its dependencies, as npm would lay them; @mneme/proto is none of them.
    const { dependencies } = JSON.parse(await readFile(join(dist, "package.json"), "utf8"));
    for (const name of Object.keys(dependencies)) {
      await mkdir(dirname(join(consumer, "node_modules", name)), { recursive: true });
      await symlink(join(MODULES, name), join(consumer, "node_modules", name));
    }
    await writeFile(join(consumer, "package.json"), '{ "type": "module" }');
  }, 60_000);

  afterAll(() => rm(consumer, { recursive: true, force: true }));

  it("has a browser build without imports, under 80 kB compressed", async () => {
    const code = await readFile(join(dist, "browser.js"), "utf8");
    expect(code.match(/node:\w+/)?.[0]).toBeUndefined();
    const { output } = await build({
      input: join(dist, "browser.js"),
      external: (id) => !id.endsWith("browser.js"),
      write: false,
    });
    expect(
      output.flatMap((chunk) => (chunk.type === "chunk" ? [...chunk.imports, ...chunk.dynamicImports] : [])),
    ).toEqual([]);
    const size = gzipSync(code, { level: 9 }).length;
    expect(size).toBeLessThan(80_000);
  });

  it("has a browser build that works over fetch", async () => {
    const server = new MemoryServer();
    await using http = new HttpServer(server.routes, "1.1");
    const { Mneme, UnimplementedError }: typeof sdk = await import(
      pathToFileURL(join(dist, "browser.js")).href
    );
    const mneme = new Mneme({ url: await http.listen(), apiKey: KEY });
    const added = await mneme.user("ada").add("from a browser");
    expect(await mneme.waitFor(added)).toMatchObject({ state: "searchable" });
    expect((await mneme.user("ada").search("browser")).hits).toHaveLength(1);
    await expect(mneme.user("ada").import(["x"])).rejects.toBeInstanceOf(UnimplementedError);
    const sent = server.calls.length;
    await expect(mneme.user("ada").search("browser", { limit: 1.5 })).rejects.toMatchObject({
      name: "InvalidArgumentError",
      fields: [{ field: "limit", description: "must be a whole number of 32 bits" }],
    });
    expect(server.calls).toHaveLength(sent);
  });

  it("mentions the generated messages in no declaration", async () => {
    for (const file of await readdir(dist, { recursive: true })) {
      if (!file.endsWith(".d.ts")) continue;
      expect(await readFile(join(dist, file), "utf8"), file).not.toContain("@mneme/proto");
    }
  });

  it.each([
    ["Node", { module: "nodenext", moduleResolution: "nodenext", types: ["node"] }],
    [
      "a bundler for browsers",
      { module: "esnext", moduleResolution: "bundler", customConditions: ["browser"], types: [] },
    ],
  ])("type checks for %s", async (name, settings) => {
    const source = `import { Mneme, type Hit } from "@mneme/sdk";
      export const hits: readonly Hit[] = (await new Mneme({ url: "http://x" }).user("ada").search("q")).hits;
      // @ts-expect-error: there is no such option
      await new Mneme().user("ada").search("q", { budget: 1 });`;
    const folder = join(consumer, name.replaceAll(" ", "-"));
    await mkdir(folder);
    await writeFile(join(folder, "index.ts"), source);
    const compilerOptions = {
      target: "es2022",
      lib: ["es2024", "esnext.disposable", "dom", "dom.iterable"],
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      typeRoots: [join(MODULES, "@types")],
      ...settings,
    };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["index.ts"] }),
    );
    const tsc = join(MODULES, "typescript", "bin", "tsc");
    const { stdout } = await run(process.execPath, [tsc, "-p", folder]).catch((error) => error);
    expect(stdout).toBe("");
  });

  describe("the README's snippets", async () => {
    const readme = await readFile(join(HERE, "README.md"), "utf8");
    const snippets = [...readme.matchAll(/^## ([^\n]*)$|^```ts\n(.*?)^```$/gms)];
    let heading = "Opening";
    const cases = snippets.flatMap(([, title, code], index) => {
      if (title !== undefined) heading = title;
      return code === undefined ? [] : [[heading, index, code] as const];
    });
    expect(cases.length).toBeGreaterThan(5);

    it.each(cases)("%s (%i) runs", async (_heading, index, code) => {
      const server = new MemoryServer();
      const administration = new Recorder([
        TenancyService,
        ApiKeyService,
        GraphService,
        ConsolidationService,
        ReplayService,
      ]);
      administration.answers = ADMINISTERED;
      await using http = new HttpServer((router) => {
        server.routes(router);
        administration.routes(router);
      });
      const file = join(consumer, `snippet-${index}.ts`);
      await writeFile(file, code);
      const env = { ...process.env, MNEME_URL: await http.listen(), MNEME_API_KEY: KEY };
      const { stderr } = await run(process.execPath, [file], { env, timeout: 20_000 });
      expect(
        stderr
          .replace(/^.*(ExperimentalWarning|--trace-warnings).*$/gm, "")
          .replace(/^without index.*$/gm, "")
          .trim(),
      ).toBe("");
      expect(server.calls.length + administration.calls.length).toBeGreaterThan(0);
    });
  });
});
