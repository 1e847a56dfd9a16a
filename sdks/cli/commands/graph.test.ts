import { GraphService } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { describe, expect, it } from "vitest";
import { relationLines } from "../output/graph.ts";
import { Shell } from "../test/shell.ts";

const UNKNOWN = "0197a0a0-0000-7000-8000-000000000000";

const entity = (entityId: string, name: string) => ({
  entityId,
  name,
  type: "other",
  names: [],
  merges: [],
  memoryIds: [],
});
const times = { validFrom: new Date("2026-03-01T09:30:00Z"), recordedFrom: undefined, recordedTo: undefined };

describe("relations in lines", () => {
  it("name both ends, since and until when, and what tells them", () => {
    const evidence = [{ memoryId: "m1", messageIds: [], ...times, validTo: undefined }];
    const relation = { sourceEntityId: "a", type: "recommended", targetEntityId: "b", ...times, evidence };
    const lines = relationLines(
      [
        { ...relation, validTo: undefined },
        { ...relation, validTo: new Date("2026-04-01T09:30:00Z") },
      ],
      [entity("a", "Sarah"), entity("b", "Ru\u001b[31mst")],
    ).split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^Sarah -recommended-> Ru.*st \(since 2026-03-01[^;]*; m1\)$/),
      expect.stringMatching(/ until 2026-04-01/),
    ]);
    expect(lines.join()).not.toContain("\u001b");
  });

  it("say that there are none", () => {
    expect(relationLines([], [])).toBe("No relations.");
  });
});

describe("a name that nothing goes by", () => {
  it("is told apart from an entity without relations", async () => {
    await using shell = await Shell.open((router) =>
      router.service(GraphService, {
        listEntities: ({ name }) => ({
          entities: name === "Sarah" ? [{ entityId: UNKNOWN, name, type: "person" }] : [],
        }),
        traverse: () => ({}),
      }),
    );
    const unknown = await shell.run(["graph", "traverse", "--user", "ada", "Nobody"]);
    expect(unknown).toMatchObject({ out: "No relations.\n", code: 0 });
    expect(unknown.err).toContain("no memory names Nobody: see mneme graph list");
    expect((await shell.run(["graph", "traverse", "--user", "ada", "Sarah"])).err).not.toContain("no memory");
  });
});
