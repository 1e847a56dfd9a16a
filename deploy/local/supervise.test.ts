import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { constants, getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Death, describeDeath } from "./death.ts";
import { startedAt } from "./pid-file.ts";
import { Supervisor } from "./supervise.ts";
import { type ShellChildren, shellChildren } from "./testing/shell-child.ts";

let folder: string;
let shell: ShellChildren["shell"];
let server: ShellChildren["server"];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mneme-supervise-"));
  ({ shell, server } = shellChildren(folder));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it("reports a death at once, with code and the log's end", async () => {
  await using supervisor = await Supervisor.open(folder);
  const deaths: Death[] = [];
  supervisor.onDeath((death) => deaths.push(death));
  await supervisor.child(shell("a", "touch a; echo last words; sleep 0.3; exit 7")).start();
  await vi.waitFor(() => expect(deaths).toHaveLength(1), { timeout: 5000 });
  expect(deaths[0]).toMatchObject({ name: "a", how: "exit code 7", served: true, lastWords: "last words" });
  expect(describeDeath(deaths[0] as Death)).toContain("a died (exit code 7)");
});

it("shows of a service's log what tells of a fault, and nothing else", async () => {
  await using supervisor = await Supervisor.open(folder);
  const log = [
    '{"level":"info","msg":"private"}',
    '{"level":"warn","part":"index","msg":"not ready yet"}',
    '{"level":"fatal","err":{"message":"no such file: /a.pem"},"msg":"a ends"}',
    "file:///a.ts:7",
    "Error: MNEME_A must be set",
    "    at private (/a.ts:7:1)",
  ];
  const script = `cat <<'END'\n${log.join("\n")}\nEND\nexit 1`;
  const start = supervisor.child(shell("a", script, { showLog: "faults" })).start();
  const failure = await start.then(String, String);
  expect(failure).toContain("a did not start (exit code 1)");
  expect(failure).toContain(
    "    not ready yet: index\n    a ends: no such file: /a.pem\n    Error: MNEME_A must be set",
  );
  expect(failure).not.toContain("private");
});

it("takes a child that is stopped before it was ready for no failure of its own", async () => {
  const supervisor = await Supervisor.open(folder);
  const start = supervisor.child(shell("a", "touch begun; sleep 60")).start();
  const outcome = start.then(String, String);
  await vi.waitFor(() => expect(existsSync(join(folder, "begun"))).toBe(true));
  await supervisor[Symbol.asyncDispose]();
  expect(await outcome).toBe("StartError: the stack is being stopped");
});

it("takes a kill that was asked for as no death, and starts the child again", async () => {
  await using supervisor = await Supervisor.open(folder);
  const died = vi.fn();
  supervisor.onDeath(died);
  const child = supervisor.child(server("a"));
  await child.start();
  const first = child.pid;
  await child.kill();
  expect(child.running).toBe(false);
  await child.start();
  expect(child.pid).not.toBe(first);
  expect(died).not.toHaveBeenCalled();
});

it("lets a child stand back behind the others", async () => {
  await using supervisor = await Supervisor.open(folder);
  const back = supervisor.child({ ...server("back"), standsBack: true });
  const front = supervisor.child(server("front"));
  await Promise.all([back.start(), front.start()]);
  expect(getPriority(back.pid)).toBe(Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
  expect(getPriority(front.pid)).toBe(getPriority());
});

it("says why a child did not start", async () => {
  await using supervisor = await Supervisor.open(folder);
  const early = supervisor.child(shell("early", "echo no licence; exit 3")).start();
  await expect(early).rejects.toThrow(/early did not start \(exit code 3\).*\n.*no licence/);
  const late = supervisor.child(shell("late", "sleep 60", { readyMs: 300 })).start();
  await expect(late).rejects.toThrow("not ready after");
  const absent = supervisor.child(shell("absent", "", { command: join(folder, "nothing") })).start();
  await expect(absent).rejects.toThrow("ENOENT");
});

it("tries again after an early exit that another attempt cures", async () => {
  await using supervisor = await Supervisor.open(folder);
  const script = "if [ -e second ]; then touch a; sleep 60; else touch second; echo locked; exit 1; fi";
  await supervisor.child(shell("a", script, { retry: (log) => log.includes("locked") })).start();
});

it("stops children in reverse order and kills one that will not stop", async () => {
  const supervisor = await Supervisor.open(folder);
  const stubborn = shell("first", "trap '' TERM; touch first; while :; do sleep 0.05; done", { stopMs: 300 });
  const trap = "trap 'date +%s%N > second.end; exit 0' TERM; touch second; while :; do sleep 0.05; done";
  const first = supervisor.child(stubborn);
  const second = supervisor.child(shell("second", trap));
  await first.start();
  await second.start();
  const pids = [first.pid, second.pid];
  await supervisor[Symbol.asyncDispose]();
  expect(existsSync(join(folder, "second.end"))).toBe(true);
  expect(pids.map((pid) => startedAt(pid ?? 0))).toEqual(["", ""]);
  expect(existsSync(join(folder, "processes.json"))).toBe(false);
  await expect(supervisor.child(server("third")).start()).rejects.toThrow("being stopped");
});

it("lets one supervisor at a time have a folder", async () => {
  await using _supervisor = await Supervisor.open(folder);
  await expect(Supervisor.open(folder)).rejects.toThrow(`process ${process.pid}`);
});

it("keeps the log of the start before", async () => {
  await using supervisor = await Supervisor.open(folder);
  const child = supervisor.child(shell("a", "echo run $$; touch a; sleep 60"));
  await child.start();
  await child.kill();
  const before = await readFile(child.spec.logFile, "utf8");
  await child.start();
  expect(await readFile(`${child.spec.logFile}.1`, "utf8")).toBe(before);
});

it("stops the children of a supervisor that was killed outright", async () => {
  const file = join(folder, "supervising.ts");
  const module = new URL("./supervise.ts", import.meta.url).href;
  const spec = { ...server("a"), ready: undefined };
  await writeFile(
    file,
    `import { existsSync } from "node:fs";
     import { Supervisor } from ${JSON.stringify(module)};
     const supervisor = await Supervisor.open(${JSON.stringify(folder)});
     const ready = async () => existsSync(${JSON.stringify(join(folder, "a"))});
     const child = supervisor.child({ ...${JSON.stringify(spec)}, ready });
     await child.start();
     console.log(child.pid);
     setInterval(() => {}, 1000);`,
  );
  const supervising = spawn(process.execPath, [file], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(supervising.stdout, "data")) as [Buffer];
  const pid = Number(line);
  expect(startedAt(pid)).not.toBe("");
  const gone = once(supervising, "exit");
  supervising.kill("SIGKILL");
  await gone;
  await vi.waitFor(() => expect(startedAt(pid)).toBe(""), { timeout: 10_000 });
  await using _next = await Supervisor.open(folder);
}, 20_000);

it("ends what an earlier supervisor left running, and nothing else", async () => {
  const left = spawn("sh", ["-c", "while :; do sleep 0.05; done"], { detached: true, stdio: "ignore" });
  const other = spawn("sh", ["-c", "while :; do sleep 0.05; done"], { detached: true, stdio: "ignore" });
  const pids = [left.pid ?? 0, other.pid ?? 0] as const;
  const mark = (pid: number, since: string) => ({ name: "a", pid, since, signal: "SIGTERM" });
  const children = [mark(pids[0], startedAt(pids[0])), mark(pids[1], "of another time")];
  await writeFile(
    join(folder, "processes.json"),
    JSON.stringify({ supervisor: mark(pids[1], "of another time"), children }),
  );
  try {
    await using _supervisor = await Supervisor.open(folder);
    expect(startedAt(pids[0])).toBe("");
    expect(startedAt(pids[1])).not.toBe("");
  } finally {
    other.kill("SIGKILL");
  }
});
