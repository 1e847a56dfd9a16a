import { expect, test, vi } from "vitest";
import { type Probe, watchReadiness } from "./readiness.ts";

const probe = (name: string, required: boolean, check: Probe["check"]): Probe => ({ name, required, check });

test("is ready while everything that is required answers", async () => {
  let up = true;
  const database = probe("database", true, () =>
    up ? Promise.resolve() : Promise.reject(new Error("down")),
  );
  const index = probe("index", false, () => Promise.reject(new Error("down")));
  const readiness = await watchReadiness({ probes: [database, index], everyMs: 5 });
  expect(readiness.state).toEqual({ ready: true, parts: { database: "ok", index: "failed" } });

  const fell = readiness.changed(true, new AbortController().signal);
  up = false;
  await fell;
  expect(readiness.state).toEqual({ ready: false, parts: { database: "failed", index: "failed" } });

  const rose = readiness.changed(false, new AbortController().signal);
  up = true;
  await rose;
  expect(readiness.state.ready).toBe(true);
  readiness.close();
});

test("a probe that never answers has failed", async () => {
  const stuck = probe("database", true, () => new Promise(() => {}));
  const readiness = await watchReadiness({ probes: [stuck], timeoutMs: 10 });
  expect(readiness.state.ready).toBe(false);
  readiness.close();
});

test("once withdrawn it stays so, and those who wait are told", async () => {
  const check = vi.fn(() => Promise.resolve());
  const readiness = await watchReadiness({ probes: [probe("database", true, check)], everyMs: 1 });
  const told = readiness.changed(true, new AbortController().signal);
  readiness.withdraw();
  await told;
  const looks = check.mock.calls.length;
  await vi.waitFor(() => expect(check.mock.calls.length).toBeGreaterThan(looks + 2));
  expect(readiness.state).toEqual({ ready: false, parts: { database: "ok" } });
  readiness.close();
});

test("waiting ends with its signal", async () => {
  const readiness = await watchReadiness({ probes: [] });
  const abort = new AbortController();
  const waiting = readiness.changed(true, abort.signal);
  abort.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  readiness.close();
});
