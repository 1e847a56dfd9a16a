import { ReplayService } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { Recorder } from "@mneme/sdk/test/recorder.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const TOTALS = {
  streamCount: 2,
  doneStreamCount: 2,
  messageCount: 5,
  changes: [
    { change: "REPLAY_CHANGE_ADDED", kind: "MEMORY_KIND_SEMANTIC", category: "pets", count: 3 },
    { change: "REPLAY_CHANGE_SAME", kind: "MEMORY_KIND_SEMANTIC", category: "home", count: 4 },
  ],
  leftOut: [{ reason: "LEFT_OUT_REASON_CHANGED_BY_HAND", count: 1 }],
  spent: { callCount: 2, knownAnswerCount: 1, microdollars: "1500", workDuration: "2.5s" },
};
const READY = { id: ID, state: "REPLAY_STATE_READY", extractor: "small/v1", totals: TOTALS };

let shell: Shell;
let recorder: Recorder;
const replay = (...args: string[]) =>
  shell.run(["replay", ...args], { env: { MNEME_URL: shell.url, MNEME_API_KEY: "key" } });

beforeEach(async () => {
  recorder = new Recorder([ReplayService]);
  shell = await Shell.open(recorder.routes);
});
afterEach(() => shell[Symbol.asyncDispose]());

it("starts one as it is told, waits, and shows what it found", async () => {
  recorder.answers = {
    StartReplay: { replay: { id: ID, state: "REPLAY_STATE_QUEUED" } },
    GetReplay: { replay: READY },
  };
  const options = ["--extractor", "model", "--model", "small", "--percent", "5", "--seed", "7", "--wait"];
  const ran = await replay("start", "--user", "ada", "--instructions", "Animals alone.", ...options);
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(ran.out).toMatch(/0 removed|3 added/);
  expect(ran.out).toMatch(/4 same, 3 added, 0 removed, 0 changed/);
  expect(ran.out).toMatch(/1 changed by hand/);
  expect(ran.out).toMatch(/0\.0015 dollars, 2 calls, 1 answered before, 2\.5 s/);
  expect(recorder.requests[0]).toEqual({
    scope: { userId: "ada" },
    settings: {
      extraction: { instructions: "Animals alone." },
      models: { extractor: "EXTRACTOR_CHOICE_MODEL", extractorModel: "small" },
    },
    sample: { percent: 5, seed: 7 },
  });
  expect(await replay("start", "--instructions", "a", "--instructions-file", "b")).toMatchObject({ code: 2 });
});

it("shows differences as a patch", async () => {
  recorder.answers.ListReplayDifferences = {
    differences: [
      {
        id: ID,
        change: "REPLAY_CHANGE_CHANGED",
        state: "DIFFERENCE_STATE_OPEN",
        changedFields: ["valid_to"],
        memoryId: ID,
        before: { text: "Ada lives in Rome.", kind: "MEMORY_KIND_SEMANTIC", category: "home" },
        after: { text: "Ada lived in Rome.", kind: "MEMORY_KIND_SEMANTIC", category: "home" },
      },
    ],
  };
  const ran = await replay("differences", ID, "--change", "changed");
  expect(ran.out).toBe(
    `changed: valid to (${ID})\n  - Ada lives in Rome. [semantic, home]\n  + Ada lived in Rome. [semantic, home]\n`,
  );
  expect(recorder.requests).toEqual([{ replayId: ID, change: "REPLAY_CHANGE_CHANGED", pageSize: 50 }]);
});

it.each(["promote", "discard", "cancel"])("can %s one, and lists them", async (name) => {
  const rpc = `${name[0]?.toUpperCase()}${name.slice(1)}Replay`;
  recorder.answers = {
    [rpc]: { replay: { ...READY, state: "REPLAY_STATE_PROMOTING" } },
    ListReplays: { replays: [READY] },
    GetReplay: { replay: READY },
  };
  expect((await replay(name, ID)).out).toContain("promoting");
  expect((await replay("list")).out).toContain("ready");
  expect((await replay("show", ID, "--json")).json.replay).toMatchObject({
    state: "ready",
    extractor: "small/v1",
  });
});

it("has one that failed go on, and waits for it", async () => {
  recorder.answers = {
    ResumeReplay: { replay: { ...READY, state: "REPLAY_STATE_RUNNING" } },
    GetReplay: { replay: READY },
  };
  const resumed = await replay("resume", ID);
  expect(resumed).toMatchObject({ code: 0, err: "" });
  expect(resumed.out).toContain("running");
  expect((await replay("resume", ID, "--wait")).out).toContain("ready");
  const methods = recorder.calls.map(({ method }) => method);
  expect(methods).toEqual(["ResumeReplay", "ResumeReplay", "GetReplay"]);
  expect(recorder.requests).toEqual(methods.map(() => ({ replayId: ID })));
});
