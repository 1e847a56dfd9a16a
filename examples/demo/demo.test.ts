import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Mneme } from "@mneme/sdk";
import { HttpServer } from "@mneme/sdk/test/http-server.ts";
import { KEY, MemoryServer } from "@mneme/sdk/test/memory-server.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConversations, spread } from "./conversation.ts";
import { demo } from "./demo.ts";
import { type DemoOptions, readOptions } from "./options.ts";
import { spreadOf } from "./summary.ts";

const SAMPLE = {
  sample_id: "trip",
  conversation: {
    speaker_a: "Ines",
    speaker_b: "Otto",
    session_1_date_time: "9:05 am on 3 March, 2025",
    session_1: [
      { speaker: "Ines", dia_id: "D1:1", text: "I booked a sailing course in Split for June." },
      {
        speaker: "Otto",
        dia_id: "D1:2",
        text: "Lovely! I am repainting my kitchen in green.",
        blip_caption: "a tin of paint",
      },
    ],
    session_2_date_time: "8:00 pm on 12 July, 2025",
    session_2: [
      {
        speaker: "Ines",
        dia_id: "D2:1",
        text: `The sailing was great. ${"We saw many islands and dolphins. ".repeat(6)}`,
      },
    ],
  },
  qa: [
    { question: "Which course in Split?", answer: "Split", category: 4, evidence: ["D1:1"] },
    {
      question: "What colour is the kitchen, and who saw dolphins?",
      answer: "green; Ines",
      category: 1,
      evidence: ["D1:2; D2:1", "D9:9"],
    },
    { question: "Where is the zebra?", answer: "", category: 3, evidence: ["D1:1"] },
    { question: "Who owns a yacht?", adversarial_answer: "nobody", category: 5, evidence: ["D1:1"] },
  ],
};

// One of them starts a process.
describe("the demo", { timeout: 30_000 }, () => {
  let folder: string;
  let server: MemoryServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mneme-demo-"));
    await writeFile(join(folder, "one.json"), JSON.stringify(SAMPLE));
    await writeFile(join(folder, "two.json"), JSON.stringify([SAMPLE, { ...SAMPLE, sample_id: "again" }]));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  beforeEach(() => {
    server = new MemoryServer();
  });

  const play = async (args: readonly string[], more: Partial<DemoOptions> = {}) => {
    await using http = new HttpServer(server.routes);
    const url = await http.listen();
    await using mneme = new Mneme({ url, apiKey: KEY });
    let out = "";
    let err = "";
    const summary = await demo(
      { mneme, url, startedHere: false },
      { ...readOptions(args), ...more },
      {
        env: {},
        cwd: folder,
        stdin: Readable.from([]),
        stdout: { write: (text) => (out += text) },
        stderr: { write: (text) => (err += text) },
        signal: new AbortController().signal,
      },
    );
    return { out, err, summary };
  };

  it("plays, asks, and scores the evidence", async () => {
    const { out, err, summary } = await play(["one.json"]);
    expect(summary).toMatchObject({ messages: 3, sessions: 2, memories: 3, failedExtractions: 0 });
    expect(summary.recallAt10.questions).toBe(3);
    expect(summary.recallAt10.recall).toBeCloseTo((100 * (1 + 1 + 0)) / 3);
    expect(summary.recallAt10.complete).toBeCloseTo(200 / 3);
    expect(out).toContain("Ines and Otto: 3 messages in 2 sessions, 2025-03-03 to 2025-07-12");
    expect(out).toContain("Question 1 of 3 (one fact): Which course in Split?");
    expect(out).toMatch(/evidence {2}D1:1 found at 1/);
    expect(out).toMatch(
      /\* {2}1\. \d\.\d{3} {2}I booked a sailing course in Split for June\.\n +cos .* bm25 /,
    );
    expect(out).toContain('<- D1:1, 2025-03-03 09:05, Ines: "I booked a sailing course');
    expect(out.replace(/\s+/g, " ")).toContain(
      '<- D1:2, 2025-03-03 09:06, Otto: "Lovely! I am repainting my kitchen in green. [image: a tin of paint]"',
    );
    expect(out).toMatch(/time +.* here; on the server 2\.0 ms \(resolve 0\.0, embed 1\.0/);
    expect(out).toContain("D1:1 NOT FOUND");
    expect(out).toMatch(/evidence recall@10 +66\.7 % of the evidence, all of it for 66\.7 % of 3 questions/);
    expect(err).toBe(
      "adding session 1: 2 messages\nadding session 2: 1 message\nwaiting for the extractions\n",
    );
  });

  it("reads at 100 columns", async () => {
    const { out } = await play(["one.json"]);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it("prints one document for programs", async () => {
    const { out, err } = await play(["two.json", "--json", "--conversations", "2", "--questions", "2"]);
    expect(err).toBe("");
    const printed = JSON.parse(out);
    expect(printed.conversations.map(({ id }: { id: string }) => id)).toEqual(["trip", "again"]);
    expect(printed.conversations[0].questions).toHaveLength(2);
    expect(printed.conversations[0].questions[0]).toMatchObject({
      evidence: ["D1:1"],
      ranks: { "D1:1": 1 },
      recall: 1,
    });
    expect(printed.summary.messages).toBe(6);
    expect(printed.conversations[0].userId).not.toBe(printed.conversations[1].userId);
  });

  it("says how many conversations a file holds", async () => {
    expect((await play(["two.json"])).out).toContain(
      "The file holds 2 conversations: --conversations 2 plays all.",
    );
  });

  it("has a conversation of its own", async () => {
    const { conversations } = await readConversations(undefined, { conversations: 1, questions: undefined });
    const [bundled] = conversations;
    expect(bundled?.turns.length).toBeGreaterThanOrEqual(60);
    expect(bundled?.questions.length).toBeGreaterThanOrEqual(10);
    expect(bundled?.questions.every(({ evidence }) => evidence.length > 0)).toBe(true);
  });

  it("runs as a command, against the server that the environment names", async () => {
    await using http = new HttpServer(server.routes);
    const env = { ...process.env, MNEME_URL: await http.listen(), MNEME_API_KEY: KEY };
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [main, join(folder, "one.json")], { env });
    expect(stdout).toContain("Summary");
    expect(stdout).toContain("Ask more:");
  });

  it.each([
    [["a", "b"], "Name one file at most."],
    [["--questions", "0"], "--questions must be a whole number above 0."],
    [["--questions", "many"], "--questions must be a whole number above 0."],
    [["--unknown"], "--unknown"],
  ])("refuses %j", (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });

  it.each([
    ["{", "it is not JSON"],
    ["{}", "conversation"],
  ])("says what is wrong with a file: %s", async (text, message) => {
    await writeFile(join(folder, "bad.json"), text);
    await expect(play(["bad.json"])).rejects.toThrow(message);
  });

  it("spreads questions evenly and takes nearest-rank quantiles", () => {
    expect(spread([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6]);
    expect(spreadOf([5, 1, 4, 2, 3])).toEqual({ p50: 3, p95: 5 });
    expect(spreadOf([])).toEqual({ p50: 0, p95: 0 });
  });
});
