import type { Memory } from "@mneme/sdk";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

describe("a file of messages", () => {
  let shell: Shell;
  const mneme = (...args: string[]) => shell.run(args);

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  it.each([
    [
      "a list",
      '[{"role": "user", "text": "one"}, {"role": "assistant", "content": "two", "text": null, "refusal": null}]',
    ],
    [
      "an object",
      '{"messages": [{"role": "user", "text": "one"}, {"role": "user", "text": "two", "sent_at": "2026-03-01"}]}',
    ],
    [
      "JSON Lines",
      '{"role": "user", "text": "one"}\n\n{"role": "tool", "text": "two", "toolCallId": "c1"}\n',
    ],
    [
      "tool calls",
      `[{"role": "assistant", "toolCalls": [{"name": "f", "arguments": {"a": 1}}]}, {"role": "assistant", "content": null,
        "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}]`,
    ],
  ])("adds messages from %s, by file and by standard input", async (_name, text) => {
    const file = await shell.file("chat.json", text);
    expect(
      (await mneme("add", "--user", "ada", "--file", file, "--json")).json.results[0].messageIds,
    ).toHaveLength(2);
    const piped = await shell.run(["add", "--user", "ada", "-", "--json"], { stdin: text });
    expect(piped.json.results[0].messageIds).toHaveLength(2);
    expect(shell.server.memories.size).toBe(4);
  });

  it("gives a role to messages without one", async () => {
    const file = await shell.file("chat.jsonl", '"one"\n{"role": "tool", "text": "two"}');
    await mneme("add", "--user", "ada", "--role", "assistant", "--file", file);
    const { memories } = (await mneme("list", "--user", "ada", "--json")).json;
    expect(memories.map(({ sources }: Memory) => sources[0]?.role).sort()).toEqual(["assistant", "tool"]);
  });

  it("sends a long file in parts that can be repeated", async () => {
    const file = await shell.file(
      "long.json",
      JSON.stringify(Array.from({ length: 1_200 }, (_, i) => ({ role: "user", text: `t ${i}` }))),
    );
    const args = ["add", "--user", "ada", "--file", file, "--request-id", "r1", "--json"];
    expect((await mneme(...args)).json.results).toHaveLength(3);
    await mneme(...args);
    expect(shell.server.memories.size).toBe(1_200);
  });

  it("bounds the parts of a file by their bytes, too", async () => {
    // Three bytes a character: a megabyte in eight messages.
    const turns = Array.from({ length: 40 }, () => ({ role: "user", text: "水".repeat(43_000) }));
    const file = await shell.file("wide.json", JSON.stringify(turns));
    const { results } = (await mneme("add", "--user", "ada", "--file", file, "--json")).json;
    const lengths = results.map(({ messageIds }: { messageIds: string[] }) => messageIds.length);
    expect(lengths).toEqual([24, 16]);
  });

  const said = (text: string) => JSON.stringify({ role: "user", text });
  const called = (...sizes: number[]) =>
    JSON.stringify({
      role: "assistant",
      toolCalls: sizes.map((size) => ({ name: "f", arguments: { a: "secret".padEnd(size - 8, "x") } })),
    });

  it.each([
    ["line 502: text is larger than 128 KiB", said("secret".padEnd(128 * 1024 + 1, "x")), []],
    ["line 502: text is larger than 8 KiB", said("secret".padEnd(8 * 1024 + 1, "x")), ["--no-infer"]],
    ["line 502: text must not be blank where it is stored as a statement", called(100), ["--no-infer"]],
    ["line 502: toolCalls[1].arguments is larger than 64 KiB", called(100, 64 * 1024 + 1), []],
    ["line 502: it is larger than 4 MiB with its toolCalls", called(...Array(64).fill(64 * 1024)), []],
  ])("sends nothing of a file with a message that is too large: %s", async (message, line, options) => {
    const lines = Array.from({ length: 501 }, (_, i) => said(`t ${i}`));
    const file = await shell.file("large.jsonl", [...lines, line].join("\n"));
    const { code, err } = await mneme("add", "--user", "ada", "--file", file, ...options);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("secret");
    expect(shell.server.calls).toEqual([]);
  });

  it.each([
    ["line 2 is not valid JSON", '{"text": "secret words"}\n{"text": secret words'],
    ["line 1: text must be a string", '{"role": "user", "text": 7}\n{}'],
    ["line 2 must be an object", '{"role": "user", "text": "one"}\n7'],
    ["item 1: sentAt must be a date", '[{"role": "user", "text": "secret words", "sentAt": "yesterday"}]'],
    ["item 1: sentAt must be a date that exists", '[{"text": "x", "sentAt": "2026-02-30T10:00:00Z"}]'],
    ["line 2: role is missing (user, assistant,", '{"role": "user", "text": "x"}\n{"text": "secret words"}'],
    ["item 1: role must be one of user, assistant,", '[{"role": "developer", "text": "secret words"}]'],
    [
      'line 2 has the unknown key "sendAt"; known are role, name, text, sentAt, toolCallId, toolCalls',
      '{"role": "user", "text": "x"}\n{"role": "user", "text": "secret words", "sendAt": "secret"}',
    ],
    ['has the unknown key "content"', '[{"role": "user", "text": "x", "content": "secret words"}]'],
    [`unknown key "${"k".repeat(60)}..."`, `[{"role": "user", "text": "x", "${"k".repeat(999)}": 1}]`],
    ['item 1: toolCalls[0] has the unknown key "args"', '[{"toolCalls": [{"name": "f", "args": "secret"}]}]'],
    [
      'the file has the unknown key "user"',
      '{"messages": [{"role": "user", "text": "x"}], "user": "secret"}',
    ],
    ["item 1: text must not be blank", '[{"role": "user", "name": "Ada"}]'],
    ["item 1: text must not be blank", '[{"role": "user", "text": "\u3164 \u200b"}]'],
    ["the file holds no messages", "[]"],
  ])("says where a file of messages is wrong without quoting it: %s", async (message, text) => {
    const { code, err } = await mneme("add", "--user", "ada", "--file", await shell.file("bad", text));
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("secret");
  });
});
