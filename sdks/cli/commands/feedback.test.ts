import { FeedbackService } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { Recorder } from "@mneme/sdk/test/recorder.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";

let shell: Shell;
let recorder: Recorder;
const feedback = (...args: string[]) =>
  shell.run(["feedback", ...args], { env: { MNEME_URL: shell.url, MNEME_API_KEY: "key" } });

beforeEach(async () => {
  recorder = new Recorder([FeedbackService]);
  shell = await Shell.open(recorder.routes);
});
afterEach(() => shell[Symbol.asyncDispose]());

it("rates a memory, and takes that back", async () => {
  const ran = await feedback("give", ID, "--rating", "negative", "--user", "ada", "--comment", "I moved.");
  expect(ran).toMatchObject({ code: 0, out: "Kept.\n", err: "" });
  expect((await feedback("give", ID, "--rating", "none")).out).toBe("Taken back.\n");
  expect(recorder.requests).toEqual([
    { scope: { userId: "ada" }, memoryId: ID, rating: "RATING_NEGATIVE", comment: "I moved." },
    { memoryId: ID, rating: "RATING_NONE" },
  ]);
  expect(await feedback("give", ID)).toMatchObject({ code: 2, err: expect.stringContaining("--rating") });
});

it("shows what was said", async () => {
  expect((await feedback("list")).out).toBe("None.\n");
  recorder.answers.ListFeedback = {
    feedback: [{ memoryId: ID, rating: "RATING_POSITIVE", comment: "Yes." }],
  };
  expect((await feedback("list", "--memory", ID)).out).toMatch(/positive.*application.*Yes\./);
  expect((await feedback("list", "--json")).json.feedback).toMatchObject([{ rating: "positive" }]);
});

it("reports a miss, and shows those that were", async () => {
  recorder.answers = {
    ReportMiss: { missId: ID },
    ListMisses: { misses: [{ missId: ID, query: "Where did I park?", expectedText: "On level 3." }] },
  };
  const ran = await feedback("miss", "Where did", "I park?", "--user", "ada", "--expected", "On level 3.");
  expect(ran.out).toBe(`Reported as ${ID}.\n`);
  expect(recorder.requests).toEqual([
    { scope: { userId: "ada" }, query: "Where did I park?", expectedText: "On level 3." },
  ]);
  expect((await feedback("misses")).out).toMatch(/Where did I park\?.*On level 3\./);
  expect(await feedback("miss", "Where?")).toMatchObject({ code: 2, err: expect.stringContaining("--user") });
});
