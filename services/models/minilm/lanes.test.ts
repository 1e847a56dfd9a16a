import { expect, test } from "vitest";
import { type Job, Lanes } from "./lanes.ts";

const NAMES = ["d1", "d2", "q1", "q2", "q3", "a", "b", "c", "long", "short", "gone", "kept"];
const CALL = {};
const job = (name: string, tokens = 10, call = CALL): Job => ({
  call,
  rows: [[NAMES.indexOf(name)]],
  tokens,
  resolve: () => {},
  reject: () => {},
});
const texts = (jobs: readonly Job[]) => jobs.flatMap((next) => next.rows.map(([id]) => NAMES[id as number]));

test("queries overtake documents and go together; documents go one by one, in order", () => {
  const lanes = new Lanes(100);
  for (const name of ["d1", "d2"]) lanes.add("document", job(name));
  for (const name of ["q1", "q2"]) lanes.add("query", job(name));
  expect(texts(lanes.next())).toEqual(["q1", "q2"]);
  expect(texts(lanes.next())).toEqual(["d1"]);
  lanes.add("query", job("q3"));
  expect(texts(lanes.next())).toEqual(["q3"]);
  expect(texts(lanes.next())).toEqual(["d2"]);
  expect(lanes.next()).toEqual([]);
});

test("documents of different calls take turns", () => {
  const lanes = new Lanes(100);
  const other = {};
  for (const name of ["a", "b", "c", "long"]) lanes.add("document", job(name));
  for (const name of ["d1", "d2"]) lanes.add("document", job(name, 10, other));
  const order = Array.from({ length: 6 }, () => texts(lanes.next())).flat();
  expect(order).toEqual(["a", "d1", "b", "d2", "c", "long"]);
  expect(lanes.size).toBe(0);
});

test("queries are joined up to the limit of padded tokens, and one goes even beyond it", () => {
  const lanes = new Lanes(25);
  for (const name of ["a", "b", "c"]) lanes.add("query", job(name));
  expect(texts(lanes.next())).toEqual(["a", "b"]);
  expect(texts(lanes.next())).toEqual(["c"]);
  lanes.add("query", job("long", 200));
  lanes.add("query", job("short", 5));
  expect(texts(lanes.next())).toEqual(["long"]);
  expect(texts(lanes.next())).toEqual(["short"]);
});

test("a removed job is never run, and draining leaves nothing", () => {
  const lanes = new Lanes(100);
  const gone = job("gone");
  lanes.add("document", gone);
  lanes.add("document", job("kept"));
  lanes.remove(gone);
  expect(lanes.size).toBe(1);
  expect(texts(lanes.drain())).toEqual(["kept"]);
  expect(lanes.size).toBe(0);
});
