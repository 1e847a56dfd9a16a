import { createRouterTransport } from "@connectrpc/connect";
import { FeedbackService } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { beforeEach, describe, expect, it } from "vitest";
import { Mneme } from "./node.ts";
import { Recorder } from "./test/recorder.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const OTHER = "0197a0a0-0000-7000-8000-000000000001";
const TIME = "2026-03-01T10:15:00Z";

let recorder: Recorder;
let mneme: Mneme;
beforeEach(() => {
  recorder = new Recorder([FeedbackService]);
  mneme = new Mneme({ apiKey: "mneme_key", transport: createRouterTransport(recorder.routes) });
});

describe("feedback", () => {
  it("is given by whom the scope names, or by the application, and taken back", async () => {
    await mneme.feedback.give(ID, "very_negative", {
      scope: { userId: "ada" },
      comment: "I moved.",
      searchId: OTHER,
    });
    await mneme.feedback.give(ID, "none");
    expect(recorder.requests).toEqual([
      {
        scope: { userId: "ada" },
        memoryId: ID,
        rating: "RATING_VERY_NEGATIVE",
        comment: "I moved.",
        searchId: OTHER,
      },
      { memoryId: ID, rating: "RATING_NONE" },
    ]);
    await expect(mneme.feedback.give(ID, "bad" as "negative")).rejects.toThrow("rating: must be one of");
  });

  it("is listed with who said what", async () => {
    recorder.answers.ListFeedback = {
      feedback: [
        { memoryId: ID, rating: "RATING_POSITIVE", userId: "ada", giveTime: TIME },
        { memoryId: ID, rating: "RATING_NEGATIVE", comment: "No.", searchId: OTHER },
      ],
    };
    expect(await mneme.feedback.list({ memoryId: ID, pageSize: 5 }).toArray()).toEqual([
      {
        memoryId: ID,
        rating: "positive",
        comment: "",
        userId: "ada",
        searchId: undefined,
        giveTime: new Date(TIME),
      },
      {
        memoryId: ID,
        rating: "negative",
        comment: "No.",
        userId: undefined,
        searchId: OTHER,
        giveTime: undefined,
      },
    ]);
    expect(recorder.requests).toEqual([{ memoryId: ID, pageSize: 5 }]);
  });
});

describe("misses", () => {
  it("are reported, and listed", async () => {
    recorder.answers = {
      ReportMiss: { missId: ID },
      ListMisses: { misses: [{ missId: ID, query: "Where?", userId: "ada", reportTime: TIME }] },
    };
    const what = { expectedText: "Here.", expectedMemoryId: OTHER };
    expect(await mneme.feedback.reportMiss({ userId: "ada" }, "Where?", what)).toBe(ID);
    expect(recorder.requests).toEqual([{ scope: { userId: "ada" }, query: "Where?", ...what }]);
    expect(await mneme.feedback.misses().toArray()).toEqual([
      {
        id: ID,
        query: "Where?",
        expectedText: "",
        expectedMemoryId: undefined,
        userId: "ada",
        searchId: undefined,
        reportTime: new Date(TIME),
      },
    ]);
  });
});
