import { createRouterTransport } from "@connectrpc/connect";
import { ReplayService } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { beforeEach, expect, it } from "vitest";
import { Mneme } from "../node.ts";
import { Recorder } from "../test/recorder.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const TIME = "2026-03-01T10:15:00Z";

let recorder: Recorder;
let mneme: Mneme;
beforeEach(() => {
  recorder = new Recorder([ReplayService]);
  mneme = new Mneme({ apiKey: "mneme_key", transport: createRouterTransport(recorder.routes) });
});

it("starts with what is to be otherwise, and reads what came of it", async () => {
  recorder.answers.StartReplay = {
    replay: {
      id: ID,
      state: "REPLAY_STATE_WAITING",
      scope: { userId: "ada" },
      settings: { models: { extractor: "EXTRACTOR_CHOICE_MODEL" } },
      sample: { percent: 12.5, seed: 3 },
      extractor: "small/v1-abc",
      totals: {
        streamCount: 2,
        failedStreamCount: 1,
        failures: [{ reason: "ERROR_REASON_MODEL_REFUSED", count: 1 }],
        changes: [
          { change: "REPLAY_CHANGE_ADDED", kind: "MEMORY_KIND_EPISODIC", category: "pets", count: 3 },
        ],
        leftOut: [{ reason: "LEFT_OUT_REASON_GIVEN", count: 2 }],
        spent: { inputTokens: "70", microdollars: "9", workDuration: "1.5s" },
      },
      waitingUntilTime: TIME,
      createTime: TIME,
    },
  };
  const settings = { models: { extractor: "model" }, extraction: { instructions: "Animals." } } as const;
  const sample = { percent: 12.5, seed: 3 };
  const replay = await mneme.replays.start({ scope: { userId: "ada" }, settings, sample, requestId: "r" });
  expect(replay).toMatchObject({
    id: ID,
    state: "waiting",
    scope: { userId: "ada" },
    settings: { models: { extractor: "model" } },
    sample,
    waitingUntilTime: new Date(TIME),
    totals: {
      streams: 2,
      failures: [{ reason: "MODEL_REFUSED", count: 1 }],
      changes: [{ change: "added", kind: "episodic", category: "pets", count: 3 }],
      leftOut: [{ reason: "given", count: 2 }],
      spent: { inputTokens: 70, microdollars: 9, workMs: 1_500, calls: 0 },
    },
  });
  expect(recorder.requests).toEqual([
    {
      scope: { userId: "ada" },
      settings: {
        extraction: { instructions: "Animals." },
        models: { extractor: "EXTRACTOR_CHOICE_MODEL" },
      },
      sample,
    },
  ]);
});

it("lists differences with both sides, and ends a replay", async () => {
  recorder.answers.ListReplayDifferences = {
    differences: [
      { id: ID, change: "REPLAY_CHANGE_REMOVED", state: "DIFFERENCE_STATE_KEPT", before: { text: "Bees." } },
    ],
  };
  const [difference] = await mneme.replays.differences(ID, { change: "removed" }).toArray();
  expect(difference).toMatchObject({
    change: "removed",
    state: "kept",
    before: { text: "Bees." },
    after: undefined,
  });
  for (const name of ["promote", "discard", "cancel"] as const) {
    const rpc = `${name[0]?.toUpperCase()}${name.slice(1)}Replay`;
    recorder.answers[rpc] = { replay: { id: ID, state: "REPLAY_STATE_DISCARDED" } };
    expect((await mneme.replays[name](ID)).state).toBe("discarded");
  }
  expect(recorder.requests.slice(1)).toEqual([{ replayId: ID }, { replayId: ID }, { replayId: ID }]);
});

it("has one that failed go on, and says why it had failed until then", async () => {
  const failed = { id: ID, state: "REPLAY_STATE_FAILED", failureReason: "ERROR_REASON_MODEL_REFUSED" };
  recorder.answers.GetReplay = { replay: failed };
  expect(await mneme.replays.get(ID)).toMatchObject({ state: "failed", failureReason: "MODEL_REFUSED" });
  recorder.answers.ResumeReplay = { replay: { id: ID, state: "REPLAY_STATE_RUNNING" } };
  const resumed = await mneme.replays.resume(ID, { requestId: "resumed-once" });
  expect(resumed).toMatchObject({ id: ID, state: "running", failureReason: undefined });
  expect(recorder.calls[1]).toMatchObject({
    method: "ResumeReplay",
    request: { replayId: ID, requestId: "resumed-once" },
  });
});

it("waits until nothing is done any more", async () => {
  const states = ["QUEUED", "RUNNING", "READY"];
  const seen: (string | undefined)[] = [];
  const next = () => {
    recorder.answers.GetReplay = { replay: { id: ID, state: `REPLAY_STATE_${states.shift()}` } };
  };
  next();
  const replay = await mneme.replays.wait(ID, {
    everyMs: 1,
    onChange: ({ state }) => {
      seen.push(state);
      if (states.length > 0) next();
    },
  });
  expect([replay.state, seen]).toEqual(["ready", ["queued", "running", "ready"]]);
});
