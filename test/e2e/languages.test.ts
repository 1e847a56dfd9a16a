import { createClient, type Interceptor, type Client as RpcClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { countTokens } from "@mneme/core/tokens/count-tokens.ts";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Message, Mneme } from "@mneme/sdk";
import { maintenanceScheduleId } from "@mneme/workflows/contract.ts";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

/** Not the embedded model's. */
const DIMENSION = 96;

let model: ScriptedModel;
let stack: OwnStack;
let tenancy: RpcClient<typeof TenancyService>;
const opened: Mneme[] = [];

beforeAll(async () => {
  model = await ScriptedModel.start(DIMENSION);
  stack = await startOwnStack("languages", {
    MNEME_EMBEDDERS: "wide",
    MNEME_EMBEDDER_WIDE_URL: model.url,
    MNEME_EMBEDDER_WIDE_MODEL: "wide-embedder",
    MNEME_EMBEDDER_WIDE_DIMENSION: String(DIMENSION),
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

function projectIn(language: string | undefined, name = `in ${language}`) {
  return projectWith(language === undefined ? {} : { language }, name);
}

async function projectWith(settings: { language?: string; models?: { embedder: string } }, name: string) {
  const { project } = await tenancy.createProject({ name, settings });
  const projectId = project?.projectId ?? "";
  const headers = { "mneme-project": projectId };
  const mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey, headers });
  opened.push(mneme);
  return { mneme, projectId };
}

const AT = new Date("2026-05-06T10:00:00Z");
const say = (name: string, text: string): Message => ({ role: "user", name, text, sentAt: AT });

interface Conversation {
  readonly language: string;
  readonly lines: readonly Message[];
  /** Exactly what is kept. */
  readonly kept: readonly string[];
  /** By words in another form than they were said in. */
  readonly asked: readonly (readonly [question: string, answer: RegExp])[];
}

const CONVERSATIONS: readonly Conversation[] = [
  {
    language: "de",
    lines: [
      say("Rosa", "Hallo! Meine Eltern haben zwei Häuser in der Wachau."),
      say("Emil", "Oh, schön!"),
      say("Rosa", "Gestern habe ich im Museum für Völkerkunde eine Ärztin aus Peru getroffen."),
      say("Emil", "Wie heißt deine Katze?"),
      say("Rosa", "Misu."),
    ],
    kept: [
      "Emil: Wie heißt deine Katze? – Rosa: Misu.",
      "Rosa: Gestern (2026-05-05) habe ich im Museum für Völkerkunde eine Ärztin aus Peru getroffen.",
      "Rosa: Meine Eltern haben zwei Häuser in der Wachau.",
    ],
    asked: [
      ["Wo steht das Haus der Eltern?", /Häuser/],
      ["Welche Katzen gibt es?", /Misu/],
    ],
  },
  {
    language: "es",
    lines: [
      say("Rosa", "¡Hola! Ayer compuse dos canciones para mis hijas."),
      say("Emil", "¡Qué bonito!"),
      say("Rosa", "Trabajo de enfermera en Cádiz y soy alérgica a los cacahuetes."),
    ],
    kept: [
      "Rosa: Ayer (2026-05-05) compuse dos canciones para mis hijas.",
      "Rosa: Trabajo de enfermera en Cádiz y soy alérgica a los cacahuetes.",
    ],
    asked: [
      ["¿Para quién es la canción?", /canciones/],
      ["¿Quién tiene alergia al cacahuete?", /cacahuetes/],
    ],
  },
  {
    language: "ja",
    lines: [
      say("Rosa", "こんにちは！先月東京に引っ越しました。"),
      say("Emil", "猫はいますか？"),
      say("Rosa", "はい、二匹います。名前はタマとミケです。"),
    ],
    kept: ["Rosa: はい、二匹います。名前はタマとミケです。", "Rosa: 先月(2026-04)東京に引っ越しました。"],
    asked: [
      ["東京にいつ引っ越した？", /東京/],
      ["猫の名前は？", /タマ/],
    ],
  },
  {
    language: "fi",
    lines: [
      say("Rosa", "Hei! Asun Jyväskylässä, ja minulla on kissa nimeltä Misu."),
      say("Emil", "Missä sinä olet töissä?"),
      say("Rosa", "Olen töissä kirjastossa. Äitini on kotoisin Äänekoskelta."),
    ],
    kept: [
      "Emil: Missä sinä olet töissä? – Rosa: Olen töissä kirjastossa. Äitini on kotoisin Äänekoskelta.",
      "Rosa: Hei! Asun Jyväskylässä, ja minulla on kissa nimeltä Misu.",
    ],
    asked: [
      ["kissa", /kissa/],
      // Typed without the dots.
      ["aitini kotoisin", /Äitini/],
    ],
  },
];

it.each([
  ["ja", ["猫を飼っています。", "ラーメンが大好きです。", "大阪に住んでいます。"], "猫", /猫を/],
  ["de", ["Ich habe einen Hund.", "Ich mag Suppe.", "Ich wohne in Graz."], "Hunde", /Hund/],
] as const)(
  "finds first what holds the one word that is asked for: %s",
  async (language, said, word, answer) => {
    const { mneme } = await projectIn(language, `one word in ${language}`);
    const rosa = mneme.user("rosa").session("one");
    await rosa.add(
      said.map((text) => ({ role: "user", name: "Rosa", text }) as const),
      { waitFor: "searchable" },
    );
    const { hits } = await rosa.search(word);
    expect(hits[0]?.memory.text).toMatch(answer);
  },
);

describe.each(CONVERSATIONS)("a conversation in $language", ({ language, lines, kept, asked }) => {
  it("is kept as it was said, and found", async () => {
    const { mneme } = await projectIn(language);
    const rosa = mneme.user("rosa");
    await rosa.add(lines, { waitFor: "searchable" });
    const texts = (await rosa.list().toArray()).map(({ text }) => text);
    expect(texts.toSorted()).toEqual([...kept].toSorted());
    for (const [question, answer] of asked) {
      // By words alone: the embedded model was made for English.
      const { hits, tokens, degraded } = await rosa.search(question, { ranking: { recipe: "keyword" } });
      expect(degraded).toEqual([]);
      expect([question, hits[0]?.memory.text]).toEqual([question, expect.stringMatching(answer)]);
      expect(hits.map((hit) => hit.tokens)).toEqual(hits.map(({ memory }) => countTokens(memory.text)));
      expect(tokens).toBeLessThanOrEqual(200);
      const whole = await rosa.search(question);
      expect(whole.hits.map(({ memory }) => memory.text)).toContainEqual(expect.stringMatching(answer));
    }
  }, 60_000);
});

it("a language that nobody named is kept as it was said as well", async () => {
  const { mneme } = await projectIn(undefined, "of no language");
  const ada = mneme.user("ada");
  const text = "Kız kardeşim Ankara'da öğretmen olarak çalışıyor.";
  await ada.add([say("Ada", text)], { waitFor: "searchable" });
  expect((await ada.list().toArray()).map((memory) => memory.text)).toEqual([`Ada: ${text}`]);
  const { hits } = await ada.search("öğretmen");
  expect(hits[0]?.memory.text).toBe(`Ada: ${text}`);
});

it("a language that there is not is refused, by the name of the field", async () => {
  await expect(projectIn("gr")).rejects.toThrow(/settings\.language/);
});

it("what is kept is found while a project changes its language, which searches say, and by its forms afterwards", async () => {
  const { mneme, projectId } = await projectIn(undefined, "changing");
  const ada = mneme.user("ada");
  await ada.add([say("Ada", "Meine Schwester hat zwei Häuser gekauft.")], { waitFor: "searchable" });
  const search = async (question: string) => {
    const { hits, degraded } = await ada.search(question, { ranking: { recipe: "keyword" } });
    return [hits.length, degraded.map(({ part }) => part)] as const;
  };
  expect(await search("Haus")).toEqual([0, []]);
  await tenancy.updateProject({
    projectId,
    settings: { language: "de" },
    updateMask: { paths: ["settings.language"] },
  });
  await expect.poll(() => search("Häuser"), { timeout: 10_000 }).toEqual([1, ["index"]]);
  const found = async () => {
    await maintain();
    return search("Haus");
  };
  await expect.poll(found, { timeout: 60_000, interval: 2_000 }).toEqual([1, []]);
}, 90_000);

describe("a project that names an embedder", () => {
  const known = "I play the tuba on Sundays.";
  const similarity = async (mneme: Mneme) => {
    const { hits, degraded } = await mneme.user("ada").search("Who plays the tuba?");
    return [hits.length, (hits[0]?.parts.similarity ?? 0) > 0.1, degraded.map(({ part }) => part)] as const;
  };

  it("is embedded and searched by that, beside others in the same index", async () => {
    const named = await projectWith({ models: { embedder: "wide" } }, "wide");
    const other = await projectWith({}, "not wide");
    for (const { mneme } of [named, other]) {
      await mneme.user("ada").add([say("Ada", known)], { waitFor: "searchable" });
      expect(await similarity(mneme)).toEqual([1, true, []]);
    }
    expect(model.requests("embeddings", "tuba").length).toBeGreaterThan(1);
  });

  it("keeps finding while it changes to that, says so, and finds by the new vectors afterwards", async () => {
    const { mneme, projectId } = await projectWith({}, "widening");
    await mneme.user("ada").add([say("Ada", known)], { waitFor: "searchable" });
    const updateMask = { paths: ["settings.models.embedder"] };
    await tenancy.updateProject({ projectId, settings: { models: { embedder: "wide" } }, updateMask });
    await expect
      .poll(() => similarity(mneme), { timeout: 10_000 })
      .toEqual([1, false, ["index", "embedder"]]);
    const maintained = async () => {
      await maintain();
      return similarity(mneme);
    };
    await expect.poll(maintained, { timeout: 60_000, interval: 2_000 }).toEqual([1, true, []]);
  }, 90_000);

  it("names one that the deployment offers", async () => {
    await expect(projectWith({ models: { embedder: "wider" } }, "wider")).rejects.toThrow(
      /settings\.models\.embedder/,
    );
  });
});

/** Runs what the schedule runs every ten minutes. */
async function maintain(): Promise<void> {
  const connection = await Connection.connect({ address: process.env.MNEME_TEMPORAL_ADDRESS ?? "" });
  const { schedule } = new Client({ connection, namespace: process.env.MNEME_TEMPORAL_NAMESPACE ?? "" });
  await schedule.getHandle(maintenanceScheduleId(stack.name)).trigger();
  await connection.close();
}
