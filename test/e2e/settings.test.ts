import { Readable } from "node:stream";
import { createClient, type Interceptor, type Client as RpcClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { run } from "@mneme/cli/run.ts";
import { DAY_MS } from "@mneme/core/time/day.ts";
import { SensitiveKind } from "@mneme/proto/mneme/extraction/v1/sensitive_kind_pb.js";
import { Recipe } from "@mneme/proto/mneme/search/v1/search_pb.js";
import { ExtractorChoice } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Extraction, type Memory, Mneme } from "@mneme/sdk";
import { maintenanceScheduleId } from "@mneme/workflows/contract.ts";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

type Tenancy = RpcClient<typeof TenancyService>;
type Settings = NonNullable<Parameters<Tenancy["createProject"]>[0]["settings"]>;

let model: ScriptedModel;
let stack: OwnStack;
let tenancy: Tenancy;
const opened: Mneme[] = [];

beforeAll(async () => {
  model = await ScriptedModel.start();
  stack = await startOwnStack("settings", {
    MNEME_EXTRACTOR_URL: model.url,
    MNEME_EXTRACTOR_MODEL: "standard-llm",
    MNEME_EXTRACTOR_MODELS: "standard-llm, large-llm",
  });
  const authorized: Interceptor = (next) => (request) => {
    request.header.set("authorization", `Bearer ${stack.tenant.apiKey}`);
    return next(request);
  };
  const baseUrl = stack.processes.api.url;
  const transport = createConnectTransport({ baseUrl, httpVersion: "2", interceptors: [authorized] });
  tenancy = createClient(TenancyService, transport);
}, 240_000);
afterAll(async () => {
  for (const mneme of opened) await mneme[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await model?.[Symbol.asyncDispose]();
}, 120_000);

/** A new project with these settings, and a client of it. */
async function projectWith(name: string, settings: Settings): Promise<Mneme> {
  const { project } = await tenancy.createProject({ name, settings });
  const headers = { "mneme-project": project?.projectId ?? "" };
  const mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey, headers });
  opened.push(mneme);
  return mneme;
}

/** Standard output of a command that is done. */
async function commandLine(...args: string[]): Promise<string> {
  let out = "";
  let err = "";
  const code = await run(args, {
    env: { MNEME_URL: stack.processes.api.url, MNEME_API_KEY: stack.tenant.apiKey },
    cwd: import.meta.dirname,
    stdin: Readable.from([]),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    signal: AbortSignal.timeout(60_000),
  });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
}

/** Adds what a user says. @returns the memories of that, and what became of it. */
async function say(
  mneme: Mneme,
  ...texts: string[]
): Promise<{ memories: Memory[]; extraction: Extraction }> {
  const user = mneme.user("ada");
  const messages = texts.map((text) => ({ role: "user", name: "Ada", text }) as const);
  const { extractionId } = await user.add(messages, { waitFor: "searchable" });
  const extraction = await mneme.extractions.get(extractionId);
  return { memories: await user.list().toArray(), extraction };
}

describe("ranking", () => {
  const partsOf = async (mneme: Mneme, ranking?: object) => {
    const { hits } = await mneme.user("ada").search("bees on the roof", ranking && { ranking });
    return Object.keys(hits[0]?.parts.terms ?? {});
  };

  it("is the project's where a request leaves it out, and a change holds within seconds", async () => {
    const mneme = await projectWith("ranking", { ranking: { recipe: Recipe.KEYWORD } });
    await say(mneme, "I keep bees on the roof of my house.");
    expect(await partsOf(mneme)).toEqual(["keyword"]);
    expect(await partsOf(mneme, { recipe: "semantic" })).toEqual(["cosine"]);
    const { projects } = await tenancy.listProjects({});
    const { projectId = "" } = projects.find(({ name }) => name === "ranking") ?? {};
    const changed = performance.now();
    await tenancy.updateProject({
      projectId,
      settings: { ranking: { recipe: Recipe.SEMANTIC } },
      updateMask: { paths: ["settings.ranking.recipe"] },
    });
    await expect.poll(() => partsOf(mneme), { timeout: 8_000 }).toEqual(["cosine"]);
    expect(performance.now() - changed).toBeLessThan(7_000);
  });
});

describe("extraction", () => {
  it("drops statements of excluded categories, and counts them", async () => {
    const mneme = await projectWith("excludes", { extraction: { excludeCategories: ["health"] } });
    const { memories, extraction } = await say(
      mneme,
      "I have asthma.",
      "I have two dogs called Rex and Bello.",
    );
    expect(memories.map(({ category }) => category)).toEqual(["pets"]);
    expect(extraction.counts).toMatchObject({ added: 1, dropped: 1 });
    expect(extraction.droppedByCategory).toEqual({ excluded: 1 });
  });

  it("tells of what is left out where whoever reads knows none of the included categories", async () => {
    const extraction = { includeCategories: ["Boats"], categories: [{ name: "Boats", description: "" }] };
    const { project } = await tenancy.createProject({ name: "boats", settings: { extraction } });
    const { metricsUrl } = stack.processes.worker;
    const counted = () => readCounter(metricsUrl, "mneme_ingest_dropped_by_category_total");
    const before = await counted();
    const add = ["--project", project?.projectId ?? "", "add", "--user", "ada", "--name", "Ada", "--wait"];
    expect(await commandLine(...add, "I have asthma.")).toMatch(
      /^Memories: 1 not kept \(left out by the project's categories: 1 not included\)\.$/m,
    );
    expect(await counted()).toBe(before + 1);
  });

  it("keeps out what is sensitive by kind, of memories, of the windows around them and of the graph", async () => {
    const { HEALTH, PAYMENT } = SensitiveKind;
    const mneme = await projectWith("sensitive", { extraction: { excludeSensitive: [HEALTH, PAYMENT] } });
    const { memories, extraction } = await say(
      mneme,
      "I keep bees on the roof of my house.",
      "I have asthma, and my sister Maria has epilepsy.",
      "Please use my card 4111 1111 1111 1111 from now on.",
      "I have two dogs called Rex and Bello.",
    );
    expect(memories.map(({ text }) => text).join(" ")).not.toMatch(/asthma|epilepsy|4111/);
    expect(memories.length).toBeGreaterThanOrEqual(2);
    expect(extraction.droppedSensitive.health).toBeGreaterThanOrEqual(1);
    expect(extraction.droppedSensitive).toMatchObject({ payment: 1 });
    expect(extraction.counts.dropped).toBeGreaterThanOrEqual(2);
    for (const word of ["asthma", "epilepsy", "4111"]) {
      const { hits } = await mneme.user("ada").search(word, { ranking: { recipe: "keyword" } });
      expect([word, hits.map(({ memory }) => memory.text)]).toEqual([word, []]);
    }
    const { items } = await mneme.user("ada").graph.list().page();
    expect(items.map(({ name }) => name)).not.toContain("Maria");
    const finished = mneme.user("ada").add("My card is 4111 1111 1111 1111.", { infer: false });
    await expect(finished).rejects.toMatchObject({ reason: "SENSITIVE_EXCLUDED" });
  });

  it("keeps no turn's words that it keeps out, in sources, stories and contexts, but what else the turn said", async () => {
    const mneme = await projectWith("blanked", { extraction: { excludeSensitive: [SensitiveKind.HEALTH] } });
    const session = mneme.user("ada").session("monday");
    const told = "I live in Oslo and I have asthma.";
    await session.add(
      [
        { role: "user", name: "Ada", text: told },
        { role: "user", name: "Ada", text: "I take an inhaler every morning. I keep bees." },
      ],
      { waitFor: "searchable" },
    );
    const memories = await session.list().toArray();
    const said = memories.map(({ text, sources: [source] }) => [text, source?.text.trimEnd()] as const);
    expect(new Map(said)).toEqual(
      new Map([
        ["Ada lives in Oslo.", "I live in Oslo"],
        ["Ada keeps bees.", `${" ".repeat("I take an inhaler every morning. ".length)}I keep bees.`],
      ]),
    );
    expect(memories.find(({ text }) => text.includes("Oslo"))?.sources[0]?.text).toHaveLength(told.length);
    for (const { id } of memories) {
      const { story } = await mneme.memories.history(id);
      expect(JSON.stringify(story)).not.toMatch(/asthma|inhaler/);
    }
    const { text } = await session.context("anything", { sections: ["turns"] });
    expect(text).toMatch(/Ada: I live in Oslo \(.*\n- Ada: I keep bees\. \(/);
  });

  it("keeps out of what a model reads what its words hold, and what it calls health", async () => {
    const mneme = await projectWith("sensitive by model", {
      models: { extractor: ExtractorChoice.MODEL },
      extraction: { excludeSensitive: [SensitiveKind.HEALTH, SensitiveKind.CREDENTIALS] },
    });
    const told = "The door code of the sluice is 4711.";
    const { memories, extraction } = await say(mneme, told, "I repair sluices.");
    expect(memories.map(({ text }) => text)).toEqual(["Ada said: I repair sluices."]);
    expect(extraction.droppedSensitive).toEqual({ credentials: 1 });
    expect(model.requests("chat", "sluices")[0]?.body.messages[0].content).toContain("- health of a person");
  });

  it("sorts into the project's own categories", async () => {
    const categories = [{ name: "Pets", description: "all animals" }];
    const mneme = await projectWith("categories", { extraction: { categories } });
    const { memories } = await say(mneme, "I have asthma.", "I have two dogs called Rex and Bello.");
    expect(memories.map(({ category }) => category).sort()).toEqual(["Pets", "other"]);
  });

  it("is by the model that the project names, which is told its instructions", async () => {
    const mneme = await projectWith("model", {
      models: { extractor: ExtractorChoice.MODEL, extractorModel: "large-llm" },
      extraction: { instructions: "Note every boat." },
    });
    const { memories } = await say(mneme, "I restore old gondolas.");
    expect(memories).toMatchObject([
      { text: "Ada said: I restore old gondolas.", provenance: { extractor: "large-llm" } },
    ]);
    const [request] = model.requests("chat", "gondolas");
    expect(request?.body).toMatchObject({ model: "large-llm" });
    expect(request?.body.messages[0].content).toContain('"Note every boat."');
  });

  it("is by the deployment's rules where the project names nothing, also beside a model", async () => {
    const mneme = await projectWith("rules", {});
    const { memories } = await say(mneme, "I restore old harpsichords.");
    expect(memories).toMatchObject([{ provenance: { extractor: "embedded" } }]);
    expect(model.requests("chat", "harpsichords")).toEqual([]);
  });

  it("is by no model that the deployment does not allow", async () => {
    const settings = { models: { extractorModel: "other-llm" } };
    await expect(projectWith("forbidden", settings)).rejects.toThrow(/settings\.models\.extractor_model/);
  });

  it("keeps no graph where the project wants none, and finds by the words", async () => {
    const told = "My sister Maria lives in Lisbon.";
    const graph = (await say(await projectWith("with a graph", {}), told)).memories;
    expect(graph[0]?.entities.map(({ name }) => name)).toContain("Lisbon");
    const mneme = await projectWith("without a graph", { graphEnabled: false });
    expect((await say(mneme, told)).memories).toMatchObject([{ entities: [] }]);
    const { hits } = await mneme.user("ada").search("Lisbon");
    expect(hits).toHaveLength(1);
  });
});

describe("retention", () => {
  it("lets memories expire, by the tenant's rule where the project has none", async () => {
    await tenancy.updateTenant({
      settings: { retention: { memoryDays: 30 } },
      updateMask: { paths: ["settings.retention.memory_days"] },
    });
    const inherits = await say(await projectWith("tenant's days", {}), "I keep geese.");
    const own = await say(await projectWith("own days", { retention: { memoryDays: 2 } }), "I keep geese.");
    await tenancy.updateTenant({ settings: {}, updateMask: { paths: ["settings.retention"] } });
    const inDays = (days: number) => expect.closeTo(Date.now() + days * DAY_MS, -6);
    expect(inherits.memories.map(({ expireTime }) => expireTime?.getTime())).toEqual([inDays(30)]);
    expect(own.memories.map(({ expireTime }) => expireTime?.getTime())).toEqual([inDays(2)]);
  });

  it("keeps only statements where messages are kept no day", async () => {
    const mneme = await projectWith("no messages", { retention: { messageDays: 0 } });
    const { memories } = await say(mneme, "I keep geese on the roof of my house.");
    const [before] = memories;
    expect(before?.sources.map(({ text }) => text)).toEqual(["I keep geese on the roof of my house."]);
    await maintain();
    const texts = async () =>
      (await mneme.memories.get(before?.id ?? "")).sources.map(({ text, start, end }) => [text, start, end]);
    const spans = before?.sources.map(({ start, end }) => ["", start, end]);
    await expect.poll(texts, { timeout: 30_000 }).toEqual(spans);
    const { hits } = await mneme.user("ada").search("geese on the roof");
    expect(hits.map(({ memory }) => memory.text)).toEqual([before?.text]);
  }, 60_000);
});

/** Runs what the schedule runs every ten minutes. */
async function maintain(): Promise<void> {
  const connection = await Connection.connect({ address: process.env.MNEME_TEMPORAL_ADDRESS ?? "" });
  const { schedule } = new Client({ connection, namespace: process.env.MNEME_TEMPORAL_NAMESPACE ?? "" });
  await schedule.getHandle(maintenanceScheduleId(stack.name)).trigger();
  await connection.close();
}
