import { expect, test } from "vitest";
import { withTimeLimit } from "./time-limit.ts";

test("gives what is computed, throws what is thrown, and can be nested", () => {
  expect(withTimeLimit(1_000, () => withTimeLimit(1_000, () => [1]).concat(2))).toEqual([1, 2]);
  const fault = new TypeError("no");
  expect(() =>
    withTimeLimit(1_000, () => {
      throw fault;
    }),
  ).toThrow(fault);
});

test("ends a pattern that would never end", () => {
  const endless = () => /^(?:a+)+$/.test(`${"a".repeat(64)}b`);
  expect(() => withTimeLimit(50, endless)).toThrow(
    expect.objectContaining({ code: "ERR_SCRIPT_EXECUTION_TIMEOUT" }),
  );
  expect(withTimeLimit(1_000, () => "on")).toBe("on");
});
