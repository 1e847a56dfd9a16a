import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");

describe("input that is not UTF-8", () => {
  let shell: Shell;

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  const add = ["add", "--user", "ada"];
  const append = ["session", "append", "--user", "ada", "--session", "s1"];
  const load = ["import", "--user", "ada"];

  it.each<[string, string[], string]>([
    ["standard input is not UTF-8", [...add, "-"], "I love café noir."],
    ["standard input, line 2, is not UTF-8", [...add, "--plain", "-"], "I love\ncafé\nnoir."],
    ["standard input is not UTF-8", [...add, "--file", "-"], '[{"role": "user", "text": "café"}]'],
    ["the file chat.json, line 3, is not UTF-8", [...add, "--file", "chat.json"], '[\n{"text":\n"café"}]'],
    ["the file chat.json is not UTF-8", [...append, "--file", "chat.json"], '"café"'],
    ["standard input is not UTF-8", [...append, "-"], '"café"'],
    ["the file chat.json, line 2, is not UTF-8", [...load, "chat.json"], '"a good one"\n"café"\n'],
    ["standard input, line 2, is not UTF-8", [...load, "-"], '"a good one"\n"café"\n'],
    ["the file given to --key-file is not UTF-8", ["list", "--user", "ada", "--key-file", "chat.json"], "é"],
  ])("is refused, and nothing sent: %s", async (message, args, content) => {
    const stdin = latin1(content);
    await shell.file("chat.json", stdin);
    const { code, err } = await shell.run(args, { stdin });
    expect(code).toBe(2);
    expect(err).toContain(`mneme: ${message} text; save it as UTF-8, or convert it: iconv`);
    expect(err).not.toContain("caf");
    expect(shell.server.calls).toEqual([]);
  });

  it("is not what begins with a byte order mark", async () => {
    const stdin = '\ufeff"Ada likes café ☕, and a\u2028break."\n';
    const file = await shell.file("facts.json", stdin);
    for (const args of [
      [...add, "--role", "user", "--file", file],
      [...add, "--role", "user", "-"],
      [...load, file],
      [...load, "-"],
    ])
      expect(await shell.run(args, { stdin }), args.join(" ")).toMatchObject({ code: 0, err: "" });
    const { memories } = (await shell.run(["list", "--user", "ada", "--json"])).json;
    expect(memories.map(({ text }: { text: string }) => text)).toEqual(
      Array(4).fill("Ada likes café ☕, and a\u2028break."),
    );
  });
});

describe("half a surrogate pair", () => {
  it.each([
    ["line 2: text is not valid Unicode", ["add", "--file"], '{"role": "user", "text": "secret \\ud800"}'],
    ["line 2: name is not", ["add", "--file"], '{"role": "user", "text": "x", "name": "secret \\ud800"}'],
    [
      "line 2: toolCalls[0].arguments is not",
      ["add", "--file"],
      '{"role": "user", "text": "x", "toolCalls": [{"name": "f", "arguments": "secret \\udc00"}]}',
    ],
    ["line 2: text is not", ["session", "append", "--session", "s", "--file"], '{"text": "secret \\ud800"}'],
    ["line 2: category is not", ["import"], '{"text": "x", "category": "secret \\ud800"}'],
    ["line 2: metadata.city is not", ["import"], '{"text": "x", "metadata": {"city": "secret \\ud800"}}'],
    [
      "line 2: metadata has a key that is not",
      ["import"],
      '{"text": "x", "metadata": {"secret \\ud800": 1}}',
    ],
  ])("is refused where it stands: %s", async (message, args, line) => {
    await using shell = await Shell.open();
    const role = args[0] === "import" ? [] : ["--role", "user"];
    const file = await shell.file("bad.jsonl", `"A good one."\n${line}\n`);
    const [command = "", ...options] = args;
    const sub = command === "session" ? [options.shift() ?? ""] : [];
    const { code, err } = await shell.run([command, ...sub, "--user", "ada", ...role, ...options, file]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("secret");
    expect(shell.server.calls).toEqual([]);
  });
});
