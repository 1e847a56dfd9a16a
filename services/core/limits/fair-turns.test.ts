import { expect, it } from "vitest";
import { createFairTurns } from "./fair-turns.ts";

/** Work that ends when it is told to, and says in which order it began. */
function bench(atOnce: number) {
  const inTurn = createFairTurns(atOnce);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) =>
    inTurn(name.slice(0, 1), async () => {
      begun.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      return name;
    });
  const settled = () => new Promise(setImmediate);
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { inTurn, begun, run, end, settled };
}

it("lets those who wait take turns, however much one of them has", async () => {
  const { begun, run, end, settled } = bench(2);
  for (const name of ["a1", "a2", "a3", "a4", "b1", "b2", "c1"]) void run(name);
  await settled();
  expect(begun).toEqual(["a1", "a2"]);
  await end("a1");
  expect(begun.at(-1)).toBe("b1");
  await end("a2");
  expect(begun.at(-1)).toBe("a3");
  await end("b1");
  expect(begun.at(-1)).toBe("c1");
  await end("c1");
  expect(begun.at(-1)).toBe("b2");
  await end("a3");
  expect(begun.at(-1)).toBe("a4");
});

it("keeps nobody waiting while there is room", async () => {
  const { begun, run, settled } = bench(3);
  for (const name of ["a1", "a2", "a3", "a4"]) void run(name);
  await settled();
  expect(begun).toEqual(["a1", "a2", "a3"]);
});

it("passes on what work gives or throws, and goes on", async () => {
  const { inTurn } = bench(1);
  const failing = inTurn("a", () => Promise.reject(new Error("broken")));
  const following = inTurn("a", async () => 7);
  await expect(failing).rejects.toThrow("broken");
  expect(await following).toBe(7);
});

it("lets who waited too long or was given up leave the line", async () => {
  const inTurn = createFairTurns(1, { waitMs: 20, late: () => new Error("late") });
  const busy = Promise.withResolvers<void>();
  const first = inTurn("a", () => busy.promise);
  const gone = new AbortController();
  const given = inTurn("b", async () => {}, gone.signal);
  gone.abort(new Error("gone"));
  await expect(given).rejects.toThrow("gone");
  await expect(inTurn("c", async () => {})).rejects.toThrow("late");
  const next = inTurn("d", async () => 7);
  busy.resolve();
  await first;
  expect(await next).toBe(7);
});
