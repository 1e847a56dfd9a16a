import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { ROOT } from "./config.ts";

const { scripts, allowScripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
};

it("are all known to npm", async () => {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME, NPM_CONFIG_USERCONFIG: "/dev/null" };
  const { stderr } = await promisify(execFile)("npm", ["run"], { cwd: ROOT, env });
  expect(stderr).not.toContain("Unknown project config");
});

it("keep onnxruntime-node from reaching for a GPU build", () => {
  expect(allowScripts["onnxruntime-node"]).toBe(false);
});

/** A shell between npm and us keeps the SIGINT that npm passes on to itself. */
it("let npm's signals reach what it starts", () => {
  const started = Object.values(scripts).filter((script) => script.includes("bootstrap.mjs"));
  expect(started.length).toBeGreaterThan(0);
  for (const script of started) expect(script).toMatch(/^exec node /);
});
