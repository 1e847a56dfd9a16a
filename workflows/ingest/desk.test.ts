import { beforeEach, expect, it } from "vitest";
import { Desk } from "./desk.ts";

const target = { tenantId: "tenant", bucket: 1 };
let desk: Desk;
let log: string[];

beforeEach(() => {
  desk = new Desk();
  log = [];
  desk.listen({
    opened: () => log.push("opened"),
    served: (rowIds) => log.push(`served ${rowIds}`),
    returned: (rowIds) => log.push(`returned ${rowIds}`),
  });
});

it("takes no rows where nobody sits", () => {
  expect(desk.hand(target, ["1"])).toBe(false);
  using _seat = desk.sit(target);
  expect(desk.hand({ ...target, bucket: 2 }, ["1"])).toBe(false);
});

it("serves what was handed over before a load, once that is indexed", () => {
  using seat = desk.sit(target);
  expect(desk.hand(target, ["1", "2"])).toBe(true);
  seat.look();
  desk.hand(target, ["3"]);
  const indexed = seat.promise();
  expect(log).toEqual(["opened"]);
  indexed();
  expect(log).toEqual(["opened", "served 1,2"]);
  expect(seat.hasWork).toBe(true);
});

it("gives back what it did not get to, and what could not be indexed", () => {
  {
    using seat = desk.sit(target);
    desk.hand(target, ["1"]);
    seat.look();
    seat.promise();
    desk.hand(target, ["2"]);
    seat.look();
    desk.hand(target, ["3"]);
    seat.close();
    expect(log.at(-1)).toBe("returned 3,2");
    expect(desk.hand(target, ["4"])).toBe(false);
  }
  expect(log.at(-1)).toBe("returned 1");
});

it("gives the place to the newest attempt", () => {
  const old = desk.sit(target);
  desk.hand(target, ["1"]);
  using fresh = desk.sit(target);
  expect(log).toEqual(["opened", "returned 1", "opened"]);
  old[Symbol.dispose]();
  expect(desk.hand(target, ["2"])).toBe(true);
  expect(fresh.hasWork).toBe(true);
});

it("wakes who rests when something is handed over", async () => {
  using seat = desk.sit(target);
  const resting = seat.rest(60_000, new AbortController().signal);
  desk.hand(target, ["1"]);
  await resting;
  expect(seat.hasWork).toBe(true);
});
