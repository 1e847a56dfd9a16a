import { describe, expect, it } from "vitest";
import { profileMemory } from "../profile/profile-testing.ts";
import { TENANCY, type World, worldOf } from "../search/search-testing.ts";
import type { ContextCommand } from "./context-request.ts";
import { type Around, contextCommand, contextDepsOf, keptTurn, messageOf } from "./context-testing.ts";
import { getContext } from "./get-context.ts";

const context = (world: World, members: Partial<ContextCommand> = {}, around: Around = {}) =>
  getContext(contextDepsOf(world, around), TENANCY, contextCommand("anything", members));

const inSession = { scope: { userId: "ada", sessionId: "monday" } };

describe("getContext tells once", () => {
  it("and says what it leaves out and why, by memory and by section", async () => {
    const world = worldOf({
      a: "Ada is vegan.",
      b: "Ada is a vegan!",
      c: `Ada told ${"a long story about the isles ".repeat(20)}.`,
      d: "Ada sails.",
    });
    const profile = [profileMemory("d", "Ada sails."), profileMemory("x", `Ada ${"very ".repeat(80)} busy.`)];
    const turns = [keptTurn("t1", "Hi!"), keptTurn("t2", "I dream. ".repeat(50))];
    const block = await context(world, { ...inSession, tokenBudget: 90 }, { profile, turns });
    expect(block.text).toContain("Ada is vegan.");
    expect(block.leftOut.map(({ memoryId, reason }) => [memoryId, reason])).toEqual([
      ["b", "duplicate"],
      ["c", "budget"],
    ]);
    expect(block.leftOutCounts).toEqual(
      expect.arrayContaining([
        { section: "profile", reason: "budget", count: 1 },
        { section: "facts", reason: "duplicate", count: 1 },
        { section: "facts", reason: "budget", count: 1 },
        { section: "turns", reason: "budget", count: 1 },
      ]),
    );
    // Found, and told in another section.
    expect(block.citations.filter(({ memoryId }) => memoryId === "d")).toHaveLength(1);
    expect([...block.used].sort()).toEqual(["a", "d"]);
  });

  it("what a turn and a statement that rests on it say: the turn stays", async () => {
    const world = worldOf({ a: "Ada sails on Friday.", b: "Ada paints." });
    const turns = [keptTurn("m-a", "Let us sail on Friday.")];
    const block = await context(world, inSession, {
      turns,
      profile: [profileMemory("a", "Ada sails on Friday.")],
    });
    expect(block.text).toBe(
      ["Known facts:", "- Ada paints. (2026-03-01) [1]", "", "Last turns:"].join("\n") +
        "\n- Ada: Let us sail on Friday. (2026-03-01 10:00) [2]",
    );
    expect(block.leftOut).toEqual([expect.objectContaining({ memoryId: "a", reason: "duplicate" })]);
    // Of a turn that is cut not all is told.
    const long = [keptTurn("m-a", `Let us sail on Friday, ${"and on, ".repeat(300)} ahoy.`)];
    expect((await context(world, { ...inSession, tokenBudget: 2_000 }, { turns: long })).text).toContain(
      "- Ada sails on Friday. (2026-03-01)",
    );
  });

  it("a turn of the window that was added as well, known by its words", async () => {
    const window = [messageOf("Good morning."), messageOf("Let us sail\non Friday.")];
    const around = { window, turnCount: 7, turns: [keptTurn("m-a", "Let us sail on Friday.")] };
    const block = await context(worldOf({ a: "Ada sails on Friday." }), inSession, around);
    expect(block.text).not.toContain("Known facts");
    expect(block.citations).toMatchObject([
      { section: "turns", turn: 6, messageIds: [] },
      { section: "turns", turn: 7, messageIds: ["m-a"] },
    ]);
  });
});
