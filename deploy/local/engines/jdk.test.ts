import { expect, it } from "vitest";
import { parseJava } from "./jdk.ts";

const OUTPUT = `Property settings:
    java.class.version = 69.0
    java.home = /opt/a java/25
    java.specification.version = 25
    java.vm.specification.version = 25

java.base@25.0.3
jdk.incubator.vector@25.0.3
not a module
`;

it("reads home, version and modules", () => {
  const java = parseJava(OUTPUT);
  expect(java?.home).toBe("/opt/a java/25");
  expect(java?.version).toBe(25);
  expect([...(java?.modules ?? [])]).toEqual(["java.base", "jdk.incubator.vector"]);
});

it("takes anything else for no Java", () => {
  expect(parseJava("Unrecognized option: --list-modules")).toBeUndefined();
});
