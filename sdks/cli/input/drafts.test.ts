import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

describe("a file of statements", () => {
  let shell: Shell;
  const mneme = (...args: string[]) => shell.run(args);

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  it("imports statements", async () => {
    const file = await shell.file(
      "facts.jsonl",
      '"Ada is 35."\n{"text": "Ada met Bo.", "kind": "episodic", "valid_from": "2020-01-01"}\n',
    );
    const { out } = await mneme("import", "--user", "ada", file, "--wait");
    expect(out).toBe("Accepted 2 statements.\nMemories: 2 added. What was kept can be found.\n");
    const piped = await shell.run(["import", "--user", "ada", "-", "--part-size", "1", "--json"], {
      stdin: '"one"\n"two"',
    });
    expect(piped.json).toMatchObject({
      accepted: 2,
      extractionIds: [expect.any(String), expect.any(String)],
    });
  });

  it.each(["saidAt", "said_at"])("takes when a statement was said as %s", async (key) => {
    const line = JSON.stringify({ text: "Ada rows.", [key]: "2024-11-20T09:30:00Z" });
    await mneme("import", "--user", "ada", await shell.file("facts.jsonl", line));
    const { memories } = (await mneme("list", "--user", "ada", "--json")).json;
    expect(memories).toMatchObject([{ sources: [{ sentAt: "2024-11-20T09:30:00.000Z" }] }]);
  });

  it.each([
    ['line 2 has the unknown key "sentAt"; known are text, kind,', '{"text": "secret words", "sentAt": "x"}'],
    ["line 2: text must be a string", '{"kind": "episodic"}'],
    ["line 2: text must not be blank", '"\u3164\u200b"'],
    ["line 2: kind must be one of semantic, episodic, procedural", '{"text": "x", "kind": "secret"}'],
    ["line 2: origin must be one of stated, inferred, tool", '{"text": "x", "origin": "secret"}'],
    ["line 2: confidence must be at most 1", '{"text": "x", "confidence": 7}'],
    ["line 2: metadata.tags must be a string,", '{"text": "x", "metadata": {"tags": ["secret"]}}'],
    ["line 2: validFrom must be a date that exists", '{"text": "x", "valid_from": "2026-02-30"}'],
    ["line 2: saidAt must be a date that exists", '{"text": "x", "saidAt": "yesterday"}'],
    ["line 2 is not valid JSON", "secret words"],
  ])("sends nothing of a file of statements that is wrong: %s", async (message, line) => {
    const file = await shell.file("bad.jsonl", `"A good one."\n${line}\n`);
    const { code, err } = await mneme("import", "--user", "ada", file, "--part-size", "1");
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("secret");
    expect(shell.server.calls).toEqual([]);
  });
});
