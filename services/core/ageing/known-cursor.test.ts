import { describe, expect, it } from "vitest";
import { knownCursor } from "./known-cursor.ts";

const ID = "0197a0a0-0000-7000-8000-000000000000";
const WALK = { ids: ["projectId", "after"], parts: ["persons"] };

describe("a cursor", () => {
  it.each([[{}], [{ projectId: ID }], [{ projectId: ID, after: ID }], [{ part: "persons", projectId: ID }]])(
    "%j is gone on from",
    (cursor) => expect(knownCursor(cursor, WALK)).toEqual(cursor),
  );

  it.each([
    ["of a part that is not known", { part: "graves", projectId: ID }],
    ["with a field that is not known", { projectId: ID, stream: ID }],
    ["that is no id", { projectId: "17" }],
    ["of no project", { after: ID }],
    ["of another type", { projectId: 17 as unknown as string }],
  ])("%s begins its step again", (_, cursor) => {
    expect(knownCursor(cursor, WALK)).toBeUndefined();
  });

  it("needs no project where its step has none", () => {
    expect(knownCursor({ after: ID }, { ids: ["after"] })).toEqual({ after: ID });
    expect(knownCursor({ after: ID, projectId: ID }, { ids: ["after"] })).toBeUndefined();
  });
});
