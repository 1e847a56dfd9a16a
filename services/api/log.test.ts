import { expect, test } from "vitest";
import { createLogger, describeError } from "./log.ts";

test("an error is described with its causes and frames, without what may quote data", () => {
  const parse = new SyntaxError("Unexpected token 'h', \"hidden-word\" is not valid JSON");
  const driver = Object.assign(
    new Error('invalid input syntax for type uuid: "hidden-word"', { cause: parse }),
    {
      code: "22P02",
      detail: "hidden-word",
      parameters: ["hidden-word"],
    },
  );
  const described = describeError(new Error("could not store", { cause: driver }));
  expect(described).toMatchObject({
    type: "Error",
    message: "could not store",
    cause: { type: "Error", code: "22P02", cause: { type: "SyntaxError" } },
  });
  expect(described.frames[0]).toMatch(/^at .*log\.test\.ts/);
  expect(JSON.stringify(described)).not.toContain("hidden-word");
});

test("a broken constraint is named, and the row is not shown", () => {
  const driver = Object.assign(new Error('duplicate key value violates unique constraint "requests_pkey"'), {
    code: "23505",
    constraint: "requests_pkey",
    detail: "Key (user_id)=(hidden-word) already exists.",
  });
  const described = describeError(driver);
  expect(described).toMatchObject({ code: "23505", constraint: "requests_pkey" });
  expect(JSON.stringify(described)).not.toContain("hidden-word");
});

test("chains that contain themselves and things that are no errors are fine", () => {
  const error = new Error("round");
  error.cause = error;
  expect(JSON.stringify(describeError(error)).length).toBeLessThan(20_000);
  expect(describeError("hidden-word")).toEqual({ type: "string", frames: [] });
});

test("a line is one JSON object with the level by name", () => {
  const lines: string[] = [];
  const log = createLogger({ level: "info", destination: { write: (line) => lines.push(line) } });
  log.debug("not shown");
  log.warn({ err: new Error("odd") }, "look");
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "warn",
    msg: "look",
    process: "api",
    err: { type: "Error", message: "odd" },
  });
});
