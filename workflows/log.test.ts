import { expect, it } from "vitest";
import { createLog } from "./log.ts";

it("writes the level by name and nothing of an error's words", () => {
  const lines: string[] = [];
  const log = createLog("info", { write: (line) => lines.push(line) });
  log.debug("not shown");
  log.warn({ err: new Error("hidden-word") }, "look");
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? "");
  expect(line).toMatchObject({ level: "warn", process: "worker", msg: "look", err: { reason: "INTERNAL" } });
  expect(new Date(line.time).toISOString()).toBe(line.time);
  expect(lines[0]).not.toContain("hidden-word");
});
