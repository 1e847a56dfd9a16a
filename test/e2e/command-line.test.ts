import { Readable } from "node:stream";
import { run } from "@mneme/cli/run.ts";
import { type Memory, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExtractionStates, openExtractionStates } from "../harness/extraction-state.ts";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

describe("the command line", () => {
  let env: Record<string, string>;
  let mneme: Mneme;
  let states: ExtractionStates;

  beforeAll(async () => {
    const { url } = sharedStack();
    const { apiKey } = await provisionSharedTenant("command line");
    env = { MNEME_URL: url, MNEME_API_KEY: apiKey };
    mneme = new Mneme({ url, apiKey });
    states = openExtractionStates();
  });
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await states?.[Symbol.asyncDispose]();
  });

  /** Standard output of a command that is done without a word on standard error. */
  async function output(args: readonly string[], stdin = ""): Promise<string> {
    let out = "";
    let err = "";
    const code = await run(args, {
      env,
      cwd: import.meta.dirname,
      stdin: Readable.from(Buffer.from(stdin), { objectMode: false }),
      stdout: { write: (text) => (out += text) },
      stderr: { write: (text) => (err += text) },
      signal: AbortSignal.timeout(60_000),
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    return out;
  }

  it("says of a statement that was deleted since it was said that it is not kept", async () => {
    const load = ["import", "--user", "ada", "--wait", "-"];
    const rye = '{"text": "Ada bakes rye bread.", "saidAt": "2026-03-01"}\n';
    expect(await output(load, rye)).toBe(
      "Accepted 1 statement.\nMemories: 1 added. What was kept can be found.\n",
    );
    const { memories } = JSON.parse(await output(["list", "--user", "ada", "--json"]));
    await output(["delete", ...memories.map(({ id }: Memory) => id)]);
    const forgotten = "Memories: 1 not kept (deleted since said).\n";
    expect(await output(load, rye)).toBe(`Accepted 1 statement.\n${forgotten}`);
    const add = [
      "add",
      "--user",
      "ada",
      "--wait",
      "--no-infer",
      "--at",
      "2026-03-01",
      "Ada bakes rye bread.",
    ];
    expect(await output(add)).toMatch(new RegExp(`\n${forgotten.replace(/[()]/g, "\\$&")}$`));
  });

  it("queues all failed extractions of a person again", async () => {
    const adds = ["I keep goats.", "I row.", "I sing."].map((text) => mneme.user("bea").add(text));
    const ids = (await Promise.all(adds)).map(({ extractionId }) => extractionId);
    await mneme.waitFor(ids);
    for (const id of ids) await states.set(id, "failed");
    const retry = ["extraction", "retry", "--failed", "--user"];
    expect(await output([...retry, "nobody"])).toBe("No failed extractions.\n");
    expect(await output([...retry, "bea"])).toBe("Queued 3 extractions again.\n");
    expect(await output([...retry, "bea", "--json"])).toBe("");
  });
});
