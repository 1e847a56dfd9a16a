import { readdir, readFile } from "node:fs/promises";
import protocol from "@temporalio/proto";
import { Worker } from "@temporalio/worker";
import { pino } from "pino";
import { beforeAll, expect, it } from "vitest";
import { dataConverter, obtainBundle } from "../bundle.ts";
import { workflowNames } from "../contract.ts";
import { installRuntime } from "../temporal.ts";
import { PLANTED } from "./scenario.ts";

const { History } = protocol.temporal.api.history.v1;
const FOLDER = new URL(".", import.meta.url);
const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".json"));
const textOf = (file: string) => readFile(new URL(file, FOLDER), "utf8");

beforeAll(() => installRuntime(pino({ level: "silent" })));

async function replay(history: unknown): Promise<void> {
  const workflowBundle = await obtainBundle();
  await Worker.runReplayHistory({ workflowBundle, dataConverter }, History.fromObject(history as object));
}

it.each(files)("%s replays", async (file) => {
  await expect(replay(JSON.parse(await textOf(file)))).resolves.toBeUndefined();
});

it("notices a workflow that would do something else now", async () => {
  const other = (await textOf("ingest-works-and-ends.json")).replaceAll(
    '"name": "ingest"',
    '"name": "maintenance"',
  );
  await expect(replay(JSON.parse(other))).rejects.toThrow();
});

it("has histories of every workflow", async () => {
  const texts = await Promise.all(files.map(textOf));
  for (const name of Object.values(workflowNames)) {
    expect(texts.some((text) => text.includes(`"workflowType": {\n     "name": "${name}"`))).toBe(true);
  }
});

it("holds nobody's words", async () => {
  for (const file of files) {
    const text = await textOf(file);
    const payloads = [...text.matchAll(/"data": "([^"]*)"/g)].map(([, data]) =>
      Buffer.from(data ?? "", "base64").toString("utf8"),
    );
    expect([text, ...payloads].filter((each) => each.includes(PLANTED))).toEqual([]);
  }
});
