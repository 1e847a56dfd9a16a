import { createRouterTransport } from "@connectrpc/connect";
import { ConsolidationService } from "@mneme/proto/mneme/consolidation/v1/consolidation_service_pb.js";
import { beforeEach, expect, it } from "vitest";
import { Mneme } from "../node.ts";
import { Recorder } from "../test/recorder.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const OTHER = "0197a0a0-0000-7000-8000-000000000001";
const TIME = "2026-03-01T10:15:00Z";
const WIRE = {
  id: ID,
  summaryMemoryId: OTHER,
  episodeMemoryIds: [ID],
  state: "CONSOLIDATION_STATE_ACTIVE",
  scope: { userId: "ada" },
  extractor: "consolidate",
  extractorVersion: "1",
  rule: "consolidate",
  createTime: TIME,
};
const ONE = {
  id: ID,
  summaryMemoryId: OTHER,
  episodeMemoryIds: [ID],
  state: "active",
  scope: { userId: "ada" },
  extractor: "consolidate",
  extractorVersion: "1",
  rule: "consolidate",
  createTime: new Date(TIME),
  undoTime: undefined,
};

let recorder: Recorder;
let mneme: Mneme;
beforeEach(() => {
  recorder = new Recorder([ConsolidationService]);
  mneme = new Mneme({ apiKey: "mneme_key", transport: createRouterTransport(recorder.routes) });
});

it("lists, reads and undoes consolidations", async () => {
  recorder.answers = {
    ListConsolidations: { consolidations: [WIRE] },
    GetConsolidation: { consolidation: WIRE },
    UndoConsolidation: {
      consolidation: { ...WIRE, state: "CONSOLIDATION_STATE_UNDONE", undoTime: TIME },
      freshnessToken: "token",
    },
  };
  expect(await mneme.consolidations.list({ userId: "ada" }, { pageSize: 5 }).toArray()).toEqual([ONE]);
  expect(await mneme.consolidations.get(ID)).toEqual(ONE);
  expect(await mneme.consolidations.undo(ID, { discardChanges: true })).toEqual({
    consolidation: { ...ONE, state: "undone", undoTime: new Date(TIME) },
    freshnessToken: "token",
  });
  expect(recorder.requests).toEqual([
    { scope: { userId: "ada" }, pageSize: 5 },
    { consolidationId: ID },
    { consolidationId: ID, discardChanges: true },
  ]);
});

it("consolidates a scope, and says what it came to", async () => {
  recorder.answers.ConsolidateNow = {
    episodes: 7,
    summaries: 2,
    archived: 5,
    changed: 1,
    episodesLeft: 9,
    nextPageToken: "further",
    freshnessToken: "fresh",
  };
  expect(await mneme.consolidations.now({ userId: "ada" }, { requestId: "once", pageToken: "from" })).toEqual(
    {
      episodes: 7,
      summaries: 2,
      archived: 5,
      changed: 1,
      withheld: 0,
      episodesLeft: 9,
      nextPageToken: "further",
      freshnessToken: "fresh",
    },
  );
  expect(recorder.requests).toMatchObject([{ scope: { userId: "ada" }, pageToken: "from" }]);
});
