import { expect, it } from "vitest";
import { serverIsGood } from "./temporal.ts";

it.each([
  ["temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)", true],
  ["temporal version 0.0.0-DEV (Server 1.30.0, UI 2.42.1)", true],
  ["temporal version 1.1.0 (Server 1.25.0, UI 2.30.3)", false],
  ["temporal version 9 (Server 2.0.0, UI 3.0.0)", false],
  ["tctl version 1.18.0", false],
])("judges %s", (version, good) => {
  expect(serverIsGood(version)).toBe(good);
});
