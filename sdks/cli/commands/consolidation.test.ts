import { ConsolidationService } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { Recorder } from "@mneme/sdk/test/recorder.ts";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const OTHER = "0197a0a0-0000-7000-8000-000000000001";
const ONE = {
  id: ID,
  summaryMemoryId: OTHER,
  episodeMemoryIds: [ID, OTHER],
  state: "CONSOLIDATION_STATE_ACTIVE",
  extractor: "consolidate",
  extractorVersion: "1",
};

let shell: Shell;
let recorder: Recorder;
const consolidation = (...args: string[]) =>
  shell.run(["consolidation", ...args], { env: { MNEME_URL: shell.url, MNEME_API_KEY: "key" } });

beforeEach(async () => {
  recorder = new Recorder([ConsolidationService]);
  shell = await Shell.open(recorder.routes);
});
afterEach(() => shell[Symbol.asyncDispose]());

it("lists a scope's summaries", async () => {
  expect((await consolidation("list", "--user", "ada")).out).toBe("None.\n");
  recorder.answers.ListConsolidations = { consolidations: [ONE] };
  expect((await consolidation("list", "--user", "ada")).out).toMatch(/active.*2/);
  expect((await consolidation("list", "--user", "ada", "--json")).json.consolidations).toMatchObject([
    { state: "active", episodeMemoryIds: [ID, OTHER] },
  ]);
  expect(await consolidation("list")).toMatchObject({ code: 2, err: expect.stringContaining("--user") });
});

it("shows one, makes some, and undoes one", async () => {
  recorder.answers = {
    GetConsolidation: { consolidation: ONE },
    ConsolidateNow: { episodes: 7, summaries: 1, archived: 3 },
    UndoConsolidation: { consolidation: { ...ONE, state: "CONSOLIDATION_STATE_UNDONE" } },
  };
  expect((await consolidation("get", ID)).out).toContain(OTHER);
  expect((await consolidation("now", "--user", "ada")).out).toBe(
    "1 summary of 3 episodes, of 7 that are old enough.\n",
  );
  expect((await consolidation("undo", ID, "--discard-changes")).out).toContain("undone");
  expect(recorder.requests).toEqual([
    { consolidationId: ID },
    { scope: { userId: "ada" } },
    { consolidationId: ID, discardChanges: true },
  ]);
});

it("consolidates until nothing is left", async () => {
  const pages = [
    { episodes: 7, summaries: 1, archived: 3, episodesLeft: 2, nextPageToken: "further" },
    { episodes: 2, summaries: 1, archived: 2 },
  ];
  recorder.answers = {
    get ConsolidateNow() {
      return pages.shift() ?? {};
    },
  };
  expect((await consolidation("now", "--user", "ada", "--request-id", "once")).out).toBe(
    "2 summaries of 5 episodes, of 9 that are old enough.\n",
  );
  expect(recorder.calls.map(({ request }) => request)).toEqual([
    { scope: { userId: "ada" }, requestId: "once" },
    { scope: { userId: "ada" }, requestId: "once/2", pageToken: "further" },
  ]);
});
