import { CHAT_TOKENS, replies } from "@mneme/models/testing/replies.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  answerEach,
  type BulkBench,
  type BulkSuiteOptions,
  NOTHING_LEFT,
  openBulkSuite,
} from "../testing/bulk-suite.ts";
import { messagesOf } from "../testing/read-by-model.ts";
import { historyText } from "../testing/temporal.ts";

let suite: Awaited<ReturnType<typeof openBulkSuite>>;
let bench: BulkBench;

beforeAll(async () => {
  suite = await openBulkSuite();
});
afterAll(() => suite?.[Symbol.asyncDispose]());
afterEach(() => bench[Symbol.asyncDispose]());

const open = async (options?: BulkSuiteOptions) => {
  bench = await suite.open(options);
  return bench;
};
const untilSent = () => expect.poll(() => bench.server.batches.all.length, { timeout: 20_000 }).toBe(1);
const direct = () => bench.direct();
const inBatches = () => bench.inBatches();
const expectNothingLeft = async () => expect(await bench.left()).toEqual(NOTHING_LEFT);

describe("what may wait", () => {
  it("is read in a batch for half, each person's in order, and what they say meanwhile waits behind it", async () => {
    const { bucket, server, applied } = await open();
    const ada = await bucket.addBulk("ada", "Ada was in Rome.", "Ada was in Oslo.", "Ada was in Bern.");
    const bo = await bucket.addBulk("bo", "Bo has a boat.");
    await bench.work();
    const live = await bucket.add("ada", "Ada was in Lima.");
    const other = await bucket.add("cy", "Cy has a cat.");
    await bench.work();
    expect(await bucket.get(ada)).toMatchObject({ state: "queued", attempts: 0, processing: "bulk" });
    for (const id of [ada, bo, live]) {
      expect((await bucket.get(id)).waiting).toEqual({ reason: "BATCH", until: expect.any(Date) });
    }
    expect(await bucket.get(other)).toMatchObject({ state: "searchable", waiting: undefined });
    expect(direct()).toEqual([["Cy has a cat."]]);
    await bench.workInBatches();
    for (const id of [ada, bo, live]) {
      expect(await bucket.get(id)).toMatchObject({ state: "searchable", waiting: undefined, attempts: 0 });
    }
    expect((await bucket.get(ada)).directReason).toBeUndefined();
    expect(inBatches()).toEqual([
      ["Ada was in Rome.", "Ada was in Oslo."],
      ["Ada was in Bern."],
      ["Bo has a boat."],
    ]);
    expect(server.batches.lines.map(({ custom_id }) => custom_id)).toEqual(
      [0, 1, 2].map((number) => expect.stringMatching(new RegExp(`^r${number}-[\\w-]{22}$`))),
    );
    expect(direct()).toEqual([["Cy has a cat."], ["Ada was in Lima."]]);
    expect(applied.flat().filter((text) => text.startsWith("Ada"))).toEqual([
      "Ada was in Rome.",
      "Ada was in Oslo.",
      "Ada was in Bern.",
      "Ada was in Lima.",
    ]);
    const took = { calls: 3, tokens: 3 * CHAT_TOKENS, microdollars: (3 * CHAT_TOKENS) / 2 };
    expect(await bench.usage()).toMatchObject({
      extract_batch: took,
      extract: { calls: 2, microdollars: 2 * CHAT_TOKENS },
    });
    await expectNothingLeft();
  });

  it("shows a later request what the person said before it", async () => {
    const { bucket, server } = await open({ maxMessages: 1 });
    await bucket.addBulk("ada", "Ada has a dog.", "It is called Pixel.");
    await bench.workInBatches();
    const [first, second] = server.batches.lines.map(({ body }) => body.messages[1].content as string);
    expect(first).not.toContain("Pixel");
    expect(second).toMatch(/Earlier:\n\{[^\n]*Ada has a dog\.[^\n]*\}\n\nMessages:\n\{[^\n]*Pixel/);
  });

  it("is read at once where the project has no batches, and says so", async () => {
    const { bucket } = await open();
    await bucket.set({});
    const added = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    expect(await bucket.get(added)).toMatchObject({
      state: "searchable",
      processing: "bulk",
      directReason: "off",
    });
    expect(inBatches()).toEqual([]);
  });

  it("is read by calls of its own where the server takes no batches, and is not set aside for one again", async () => {
    const { bucket } = await open({ takesBatches: false });
    const first = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.workInBatches();
    const second = await bucket.addBulk("ada", "Ada was in Oslo.");
    await bench.work();
    for (const id of [first, second]) {
      expect(await bucket.get(id)).toMatchObject({ state: "searchable", directReason: "unsupported" });
    }
    await expectNothingLeft();
  });

  it("goes on at once when the project wants no batches any more, gathered or away", async () => {
    const { bucket, server } = await open();
    server.batches.endsAs = undefined;
    const away = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const [handle] = await bench.gather();
    await untilSent();
    const gathered = await bucket.addBulk("bo", "Bo has a boat.");
    await bench.work();
    await bucket.set({ models: { batch: "off" } });
    await handle?.result();
    await bench.gather();
    await bench.work();
    expect(server.batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(await bucket.get(away)).toMatchObject({ state: "searchable" });
    expect(await bucket.get(gathered)).toMatchObject({ state: "searchable", directReason: "off" });
    await expectNothingLeft();
  });
});

describe("a batch that", () => {
  it("answers in part leaves the rest to calls of their own, in each person's order", async () => {
    const { bucket, applied } = await open({
      maxMessages: 1,
      // In a batch alone: as a call of its own it is answered.
      chat: (request) =>
        messagesOf(request)[0] === "Ada was in Oslo." && !request.headers["content-type"]
          ? replies.status(400)
          : answerEach(request),
    });
    const ada = await bucket.addBulk("ada", "Ada was in Rome.", "Ada was in Oslo.", "Ada was in Bern.");
    await bench.workInBatches();
    expect(await bucket.get(ada)).toMatchObject({ state: "searchable", attempts: 0 });
    expect(applied.flat()).toEqual(["Ada was in Rome.", "Ada was in Oslo.", "Ada was in Bern."]);
    expect(direct()).toEqual([["Ada was in Oslo."]]);
    await expectNothingLeft();
  });

  it("answers what fails to be kept is counted by why, and read by calls of their own", async () => {
    const { bucket, metrics } = await open();
    const chosen = bucket.extractorFor;
    bucket.extractorFor = (settings) => {
      const extractor = chosen?.(settings) ?? bucket.deps.extractor;
      const read = async () => Promise.reject(new TypeError("not read"));
      if (extractor.bulk) Object.assign(extractor.bulk, { read });
      return extractor;
    };
    const ada = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.workInBatches();
    expect(await bucket.get(ada)).toMatchObject({ state: "searchable" });
    expect(direct()).toEqual([["Ada was in Rome."]]);
    const { values } = await metrics.batchFailures.get();
    expect(values).toEqual([{ labels: { reason: "INTERNAL" }, value: 1 }]);
  });

  it.each(["failed", "expired"] as const)("has %s is read by calls of their own", async (status) => {
    const { bucket, server } = await open();
    server.batches.endsAs = status;
    server.batches.answersAtMost = 0;
    const added = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.workInBatches();
    expect(await bucket.get(added)).toMatchObject({
      state: "searchable",
      directReason: "unanswered",
      attempts: 0,
    });
    expect(direct()).toEqual([["Ada was in Rome."]]);
    expect(Object.keys(await bench.usage())).toEqual(["extract"]);
    await expectNothingLeft();
  });

  it.each([
    ["nonsense", replies.nonsense()],
    ["a refusal", replies.refusal()],
    ["half an answer", replies.cutShort()],
  ])("answers with %s is paid for, and read again", async (_, reply) => {
    const { bucket } = await open({
      chat: (request) => (request.headers["content-type"] ? answerEach(request) : reply),
    });
    const added = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.workInBatches();
    expect(await bucket.get(added)).toMatchObject({ state: "searchable" });
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 }, extract: { calls: 1 } });
  });

  it("takes too long is cancelled, and what it answered by then is kept", async () => {
    const { bucket, server } = await open();
    server.batches.endsAs = undefined;
    server.batches.answersAtMost = 1;
    await bucket.addBulk("ada", "Ada was in Rome.");
    await bucket.addBulk("bo", "Bo has a boat.");
    await bench.workInBatches({ longestMs: 30 });
    expect(server.batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(await bucket.states()).toEqual(["searchable", "searchable"]);
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 }, extract: { calls: 1 } });
    await expectNothingLeft();
  });

  it("an operator cancels ends, and everybody goes on", async () => {
    const { bucket, server } = await open();
    server.batches.endsAs = undefined;
    await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const [handle] = await bench.gather();
    await untilSent();
    await handle?.cancel();
    await handle?.result();
    await bench.work();
    expect(await bucket.states()).toEqual(["searchable"]);
    await expectNothingLeft();
  });

  it("was sent when its worker lost the answer is not sent twice", async () => {
    const { bucket, server } = await open();
    server.batches.lost.push("POST /v1/batches");
    await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.workInBatches();
    expect(server.batches.all).toHaveLength(1);
    expect(direct()).toEqual([]);
    expect(await bench.usage()).toMatchObject({ extract_batch: { calls: 1 } });
    await expectNothingLeft();
  });

  it("leaves nobody's words in its history", async () => {
    const { bucket } = await open();
    await bucket.addBulk("ada", "Ada keeps otters.");
    await bench.work();
    const [handle] = await bench.gather();
    await handle?.result();
    expect(handle && (await historyText(handle))).not.toContain("otters");
  });
});

describe("a person who is forgotten while a batch has their words", () => {
  const fence = (person: string) =>
    bench.query(
      `update mneme.subjects set state = 'fenced' where tenant_id = $1 and id = (
         select subject_id from mneme.streams where tenant_id = $1 and id = $2::uuid)`,
      person,
    );

  it("is told of by no answer, and a batch with theirs alone is cancelled", async () => {
    const { bucket, server } = await open();
    server.batches.endsAs = undefined;
    const added = await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const [handle] = await bench.gather();
    await untilSent();
    await fence(await bucket.streamOf(added));
    await handle?.result();
    expect(server.batches.all).toMatchObject([{ status: "cancelled" }]);
    expect(await bucket.kept()).toEqual([]);
    await bench.work();
    expect(await bucket.states()).toEqual(["dropped"]);
    await expectNothingLeft();
  });

  it("costs nobody else their answer", async () => {
    const { bucket, server } = await open();
    const ada = await bucket.addBulk("ada", "Ada was in Rome.");
    const bo = await bucket.addBulk("bo", "Bo has a boat.");
    await bench.work();
    server.batches.endsAs = undefined;
    const [handle] = await bench.gather();
    await untilSent();
    await fence(await bucket.streamOf(ada));
    server.batches.endsAs = "completed";
    await handle?.result();
    await bench.work();
    expect(await bucket.get(bo)).toMatchObject({ state: "searchable" });
    expect(bench.applied.flat()).toEqual(["Bo has a boat."]);
    expect(await bucket.states()).toEqual(["dropped", "searchable"]);
    await expectNothingLeft();
  });
});

describe("a budget", () => {
  it("holds what a batch may take at its price while it is away", async () => {
    const { bucket, server } = await open();
    server.batches.endsAs = undefined;
    await bucket.addBulk("ada", "Ada was in Rome.");
    await bench.work();
    const [handle] = await bench.gather();
    await untilSent();
    const [held] = await bench.query<{ tokens: number; picodollars: number; purpose: string }>(
      `select purpose, (input_tokens + output_tokens)::integer as tokens, picodollars::float
       from mneme.model_reservations where tenant_id = $1`,
    );
    expect(held?.purpose).toBe("extract_batch");
    expect(held?.picodollars).toBe(((held?.tokens ?? 0) * 1_000_000) / 2);
    server.batches.endsAs = "completed";
    await handle?.result();
    await expectNothingLeft();
  });

  it("that a batch does not fit into leaves what may wait to what the project does then", async () => {
    const { bucket } = await open();
    await bucket.set({ models: { batch: "bulk" }, budget: { monthlyTokens: 10, whenSpent: "embedded" } });
    const added = await bucket.addBulk("ada", "I moved to Rome.");
    await bench.workInBatches();
    const extractor = expect.stringMatching(/^embedded\//);
    expect(await bucket.get(added)).toMatchObject({ state: "searchable", directReason: "budget", extractor });
    expect([inBatches(), direct()]).toEqual([[], []]);
    await expectNothingLeft();
  });
});
