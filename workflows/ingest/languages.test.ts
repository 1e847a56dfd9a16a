import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines } from "../testing/ingest-engines.ts";
import { ReplayTenant } from "../testing/replay-tenant.ts";

/** What is known, what is said then, and what holds: both, the known one alone (it is repeated), or nothing. */
type Row = readonly [known: string, said: string, holds: "both" | "known" | "nothing"];

const GERMAN: readonly Row[] = [
  ["Ich wohne in Berlin.", "Mein Bruder wohnt in Berlin.", "both"],
  ["Ich wohne in Berlin.", "Ich wohne in München.", "both"],
  ["Ich wohne in Berlin.", "Ich bin letzte Woche nach Wien gezogen.", "both"],
  ["Ich wohne in Berlin.", "Ich wohne nicht in Berlin.", "both"],
  ["Ich wohne in Berlin.", "Ich wohne in Berlin.", "known"],
  ["Ich wohne in Berlin.", "Ich wohne in Berlin!", "known"],
  ["Ich habe zwei Kinder.", "Ich habe drei Kinder.", "both"],
  ["Meine Schwester heißt Ida.", "Meine Schwester heißt Eva.", "both"],
  ["Ich mag Tee lieber als Kaffee.", "Ich mag Kaffee lieber als Tee.", "both"],
  ["Im Mai fliege ich nach Rom.", "Im Juni fliege ich nach Rom.", "both"],
  ["Ich habe einen Hund.", "Vergiss, dass ich einen Hund habe.", "nothing"],
  [
    "Ich wohne seit drei Jahren in Köln und habe einen Hund.",
    "Vergiss, dass ich einen Hund habe.",
    "nothing",
  ],
  ["Ich wohne in Berlin und arbeite in Wien.", "Vergiss, dass ich in Wien wohne.", "known"],
  ["Mein Hund heißt Rex.", "Bitte lösche alles über meinen Hund.", "nothing"],
  ["Mein Bruder hat einen Hund.", "Vergiss, dass ich einen Hund habe.", "known"],
  ["Ich wohne in Berlin.", "Vergiss, dass ich in München wohne.", "known"],
  ["Ich mag Katzen.", "Vergiss nicht, dass ich Hunde mag.", "both"],
  ["Ich wohne in Berlin.", "Kannst du bitte vergessen, dass ich in Berlin wohne?", "nothing"],
  ["Ich wohne in Köln.", "Streich mal, dass ich in Köln wohne.", "nothing"],
  ["Ich habe einen Hund.", "Vergiss das mit dem Hund.", "nothing"],
  ["Ich habe einen Hund.", "Lösch das bitte wieder.", "nothing"],
  ["Ich wohne in Köln.", "Ich möchte, dass du vergisst, dass ich in Köln wohne.", "nothing"],
  ["Ich wohne in Köln.", "Tu so, als hätte ich nie gesagt, dass ich in Köln wohne.", "nothing"],
  ["Meine Schwester wohnt in Köln.", "Vergiss, dass ich in Köln wohne.", "known"],
  ["Ich wohne in Köln.", "Ich vergesse immer meine Schlüssel.", "both"],
];
const SPANISH: readonly Row[] = [
  ["Vivo en Madrid.", "Mi hermano vive en Madrid.", "both"],
  ["Vivo en Madrid.", "Vivo en Sevilla.", "both"],
  ["Vivo en Madrid.", "Me mudé a Valencia la semana pasada.", "both"],
  ["Vivo en Madrid.", "No vivo en Madrid.", "both"],
  ["Vivo en Madrid.", "Vivo en Madrid.", "known"],
  ["Vivo en Madrid.", "¡Vivo en Madrid!", "known"],
  ["Tengo dos hijos.", "Tengo tres hijos.", "both"],
  ["Mi hermana se llama Ana.", "Mi hermana se llama Eva.", "both"],
  ["Prefiero el té al café.", "Prefiero el café al té.", "both"],
  ["En mayo viajo a Roma.", "En junio viajo a Roma.", "both"],
  ["Tengo un perro.", "Olvida que tengo un perro.", "nothing"],
  ["Vivo en Sevilla y trabajo como enfermera.", "Olvida que trabajo como enfermera.", "nothing"],
  ["Vivo en Sevilla y tengo un perro.", "Olvida que tengo un perro.", "nothing"],
  ["Vivo en Sevilla y trabajo en Cádiz.", "Olvida que vivo en Cádiz.", "known"],
  ["Vivo en Sevilla y mi hermano tiene un perro.", "Olvida que tengo un perro.", "known"],
  ["Mi perro se llama Rex.", "Por favor, borra todo sobre mi perro.", "nothing"],
  ["Mi hermano tiene un perro.", "Olvida que tengo un perro.", "known"],
  ["Vivo en Madrid.", "Olvida que vivo en Sevilla.", "known"],
  ["Me gustan los gatos.", "No olvides que me gustan los perros.", "both"],
  ["Mi perro se llama Rex.", "Olvídate de lo de mi perro.", "nothing"],
  ["Mi hermana vive en Cádiz.", "Borra lo que te dije de mi hermana.", "nothing"],
  ["Vivo en Madrid.", "Ya no recuerdes que vivo en Madrid.", "nothing"],
  ["Vivo en Madrid.", "Haz como si no te hubiera dicho que vivo en Madrid.", "nothing"],
];
const JAPANESE: readonly Row[] = [
  ["東京に住んでいます。", "弟は東京に住んでいます。", "both"],
  ["東京に住んでいます。", "大阪に住んでいます。", "both"],
  ["東京に住んでいます。", "先週、京都に引っ越しました。", "both"],
  ["東京に住んでいます。", "東京に住んでいません。", "both"],
  ["東京に住んでいます。", "東京に住んでいます。", "known"],
  ["東京に住んでいます。", "東京に住んでいます！", "known"],
  ["子供が二人います。", "子供が三人います。", "both"],
  ["妹の名前は花子です。", "妹の名前は恵子です。", "both"],
  ["コーヒーより紅茶が好きです。", "紅茶よりコーヒーが好きです。", "both"],
  ["五月にローマへ行きます。", "六月にローマへ行きます。", "both"],
  ["犬を飼っています。", "犬を飼っていることを忘れてください。", "nothing"],
  ["弟は東京に住んでいます。", "東京に住んでいることを忘れてください。", "known"],
  ["東京に住んでいます。", "大阪に住んでいることは忘れて。", "known"],
  ["妹の名前は花子です。", "妹のことは忘れてください。", "nothing"],
  ["私の住所は渋谷です。", "私の住所を削除してください。", "nothing"],
  ["母の住所は渋谷です。", "私の住所を削除してください。", "known"],
  ["東京に住んでいます。", "今言ったことは忘れて。", "nothing"],
  ["犬を飼っています。", "納豆が好きなことは忘れないで。", "both"],
];
const FINNISH: readonly Row[] = [
  ["Asun Helsingissä.", "Veljeni asuu Helsingissä.", "both"],
  ["Asun Helsingissä.", "Asun Turussa.", "both"],
  ["Asun Helsingissä.", "Muutin viime viikolla Tampereelle.", "both"],
  ["Asun Helsingissä.", "En asu Helsingissä.", "both"],
  ["Asun Helsingissä.", "Asun Helsingissä.", "known"],
  ["Asun Helsingissä.", "Asun Helsingissä!", "known"],
  ["Minulla on kaksi lasta.", "Minulla on kolme lasta.", "both"],
  ["Siskoni nimi on Aino.", "Siskoni nimi on Eeva.", "both"],
  ["Pidän enemmän teestä kuin kahvista.", "Pidän enemmän kahvista kuin teestä.", "both"],
  ["Lennän toukokuussa Roomaan.", "Lennän kesäkuussa Roomaan.", "both"],
  ["Minulla on koira.", "Unohda, että minulla on koira.", "both"],
];

it("forgets what is asked for in German also where the project keeps nothing of that category any more", async () => {
  const tenant = await ReplayTenant.open(engines);
  await setOnProject(engines.record, tenant.tenant, { language: "de" });
  const person = { userId: "ada" };
  await tenant.say(person, ["Ich habe einen Hund."], new Date("2026-05-01T10:00:00Z"));
  await engines.index.refresh();
  const extraction = { includeCategories: ["work"] };
  await setOnProject(engines.record, tenant.tenant, { language: "de", extraction });
  const asked = ["Ich habe zwei Katzen.", "Vergiss, dass ich einen Hund habe."];
  await tenant.say(person, asked, new Date("2026-06-01T10:00:00Z"));
  expect(await tenant.memories(person, true)).toEqual([]);
});

/** "Letzte Woche (2026-W22)". */
const WRITTEN_DATE = / ?\(2026-[^)]*\)/u;

let embedder: Awaited<ReturnType<typeof createMiniLmEmbedder>>;
let engines: IngestEngines;
beforeAll(async () => {
  embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
  engines = await openIngestEngines({ embedder });
});
afterAll(async () => {
  await engines?.[Symbol.asyncDispose]();
  await embedder?.[Symbol.asyncDispose]();
});

describe.each([
  ["de", GERMAN],
  ["es", SPANISH],
  ["ja", JAPANESE],
  ["fi", FINNISH],
])("a project of people who write %s", (language, rows) => {
  let tenant: ReplayTenant;
  beforeAll(async () => {
    tenant = await ReplayTenant.open(engines);
    await setOnProject(engines.record, tenant.tenant, { language });
  });

  it.each(rows)("knows %s and hears %s: %s holds", async (known, said, holds) => {
    const person = { userId: `${known} ${said}` };
    await tenant.say(person, [known], new Date("2026-05-01T10:00:00Z"));
    await engines.index.refresh();
    await tenant.say(person, [said], new Date("2026-06-01T10:00:00Z"));
    const wanted = { both: [known, said].sort(), known: [known], nothing: [] }[holds];
    const all = await tenant.memories(person, true);
    expect(all.map(({ text }) => text.replace(WRITTEN_DATE, "")).sort()).toEqual(wanted);
    expect(all.flatMap(({ validTo }) => validTo ?? [])).toEqual([]);
  });
});

describe("sentences that tell of oneself", () => {
  it.each([
    ["es", "Vivo en Sevilla. Soy celíaca.", "Olvida que soy celíaca.", ["Vivo en Sevilla."]],
    [
      "es",
      "Tengo dos hijos. Trabajo de noche. Me gusta.",
      "Olvida que tengo dos hijos.",
      ["Trabajo de noche.", "Me gusta."],
    ],
    [
      "de",
      "Ich wohne in Köln. Ich habe einen Hund. Er heißt Rex.",
      "Vergiss, dass ich einen Hund habe.",
      ["Ich wohne in Köln."],
    ],
    [
      "de",
      "Seit Mai wohne ich in Köln. Mein Bruder hat Asthma.",
      "Vergiss, dass mein Bruder Asthma hat.",
      ["Seit Mai wohne ich in Köln."],
    ],
    [
      "ja",
      "私は東京に住んでいます。私は犬を飼っています。",
      "犬を飼っていることを忘れてください。",
      ["私は東京に住んでいます。"],
    ],
  ])("are forgotten alone, in %s: %s", async (language, known, asked, left) => {
    const tenant = await ReplayTenant.open(engines);
    await setOnProject(engines.record, tenant.tenant, { language });
    const person = { userId: "ada" };
    await tenant.say(person, [known], new Date("2026-05-01T10:00:00Z"));
    await engines.index.refresh();
    await tenant.say(person, [asked], new Date("2026-06-01T10:00:00Z"));
    const all = await tenant.memories(person, true);
    expect(all.map(({ text }) => text.replace(WRITTEN_DATE, "")).sort()).toEqual(left.toSorted());
  });
});
