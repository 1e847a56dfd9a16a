import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { startedAt } from "./pid-file.ts";
import { revive } from "./revive.ts";
import { Supervisor } from "./supervise.ts";
import { type ShellChildren, shellChildren } from "./testing/shell-child.ts";

let folder: string;
let shell: ShellChildren["shell"];
let server: ShellChildren["server"];
let said: string[];
let givenUp: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-revive-"));
  ({ shell, server } = shellChildren(folder));
  said = [];
  givenUp = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const hears = { say: (line: string) => said.push(line), giveUp: (why: string) => givenUp.push(why) };
const WAIT = { timeout: 10_000 };

it("starts a child that dies again, with a line of its death and one of its return", async () => {
  await using supervisor = await Supervisor.open(folder);
  revive(supervisor, hears);
  const child = supervisor.child(server("a"));
  await child.start();
  const first = child.pid ?? 0;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(said).toHaveLength(2), WAIT);
  expect(said).toEqual(["a died (signal SIGKILL); starting it again.", "a runs again."]);
  expect(startedAt(first)).toBe("");
  expect(startedAt(child.pid ?? 0)).not.toBe("");
  expect(givenUp).toEqual([]);
});

it("starts none that was killed on request", async () => {
  await using supervisor = await Supervisor.open(folder);
  revive(supervisor, hears);
  const child = supervisor.child(server("a"));
  await child.start();
  await child.kill();
  expect(child.running).toBe(false);
  expect(said).toEqual([]);
});

it("gives a child up that dies again and again, and says why", async () => {
  await using supervisor = await Supervisor.open(folder);
  revive(supervisor, { ...hears, limit: 3, pauseMs: 10 });
  await supervisor.child(shell("a", "touch a; echo no luck; sleep 0.2; exit 7")).start();
  await vi.waitFor(() => expect(givenUp).toHaveLength(1), WAIT);
  expect(said.filter((line) => line.includes("starting it again"))).toEqual([
    "a died (exit code 7); starting it again.",
    "a died (exit code 7); starting it again in 0.01 s.",
    "a died (exit code 7); starting it again in 0.02 s.",
  ]);
  expect(givenUp[0]).toMatch(/^a died \(exit code 7\); its log: .*\n {4}no luck\nIt failed 4 times/);
});

it("counts a start that fails as a death", async () => {
  await using supervisor = await Supervisor.open(folder);
  revive(supervisor, { ...hears, limit: 2, pauseMs: 10 });
  const script = "if [ -e second ]; then exit 3; fi; touch second; touch a; sleep 0.3; rm a; exit 1";
  await supervisor.child(shell("a", script)).start();
  await vi.waitFor(() => expect(givenUp).toHaveLength(1), WAIT);
  expect(said).toEqual([
    "a died (exit code 1); starting it again.",
    "a did not start (exit code 3); starting it again in 0.01 s.",
  ]);
  expect(givenUp[0]).toContain("a did not start (exit code 3)");
});

it("leaves nothing behind when everything is stopped while a child is being started again", async () => {
  const supervisor = await Supervisor.open(folder);
  revive(supervisor, hears);
  // It becomes ready once, and is waited for from then on.
  const script = "if [ -e again ]; then echo $$ > second; else touch again a; fi; sleep 60";
  const child = supervisor.child(shell("a", script));
  await child.start();
  await rm(join(folder, "a"));
  process.kill(child.pid ?? 0, "SIGKILL");
  await vi.waitFor(async () => expect(await readFile(join(folder, "second"), "utf8")).toMatch(/\n/), WAIT);
  await supervisor[Symbol.asyncDispose]();
  expect(startedAt(Number(await readFile(join(folder, "second"), "utf8")))).toBe("");
  expect(child.running).toBe(false);
  expect(said).toEqual(["a died (signal SIGKILL); starting it again."]);
  expect(givenUp).toEqual([]);
});

it("starts nothing after a pause in which everything was stopped", async () => {
  const supervisor = await Supervisor.open(folder);
  revive(supervisor, { ...hears, pauseMs: 60_000 });
  const child = supervisor.child(server("a"));
  await child.start();
  process.kill(child.pid ?? 0, "SIGKILL");
  await vi.waitFor(() => expect(said).toContain("a runs again."), WAIT);
  process.kill(child.pid ?? 0, "SIGKILL");
  await vi.waitFor(() => expect(said.at(-1)).toContain("again in"), WAIT);
  await supervisor[Symbol.asyncDispose]();
  expect(child.running).toBe(false);
  expect(givenUp).toEqual([]);
});
