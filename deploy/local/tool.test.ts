import { expect, it } from "vitest";
import { findTool, runTool, ToolError } from "./tool.ts";

const run = (script: string, timeoutMs = 10_000) => runTool("sh", ["-c", script], { timeoutMs });

it("finds programs on PATH only", () => {
  expect(findTool("sh")).toMatch(/\/sh$/);
  expect(findTool("no-such-program")).toBeUndefined();
  expect(findTool("sh", "")).toBeUndefined();
});

it("returns what the tool wrote and tells each line", async () => {
  const lines: string[] = [];
  const text = await runTool("sh", ["-c", "echo one; echo two >&2"], {
    timeoutMs: 10_000,
    onDetail: (line) => lines.push(line),
  });
  expect(text.split("\n").sort()).toEqual(["one", "two"]);
  expect(lines.sort()).toEqual(["one", "two"]);
});

it("fails with the end of what the tool wrote", async () => {
  await expect(run("echo no network >&2; exit 3")).rejects.toThrow(/exit code 3[\s\S]*no network/);
  await expect(run("sleep 30", 200)).rejects.toThrow("took longer than 0.2 s");
  await expect(runTool("/no/such/program", [], { timeoutMs: 1000 })).rejects.toThrow(ToolError);
});
