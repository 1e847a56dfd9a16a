import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "../test/shell.ts";

describe("standard input of add", () => {
  let shell: Shell;
  const add = (stdin: string, ...args: string[]) =>
    shell.run(["add", "--user", "ada", ...args, "-"], { stdin });
  const texts = async () => {
    const { memories } = (await shell.run(["list", "--user", "ada", "--json"])).json;
    return memories.map(({ text }: { text: string }) => text);
  };

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  it.each([
    ["a line", "I moved to Lisbon.\n", "I moved to Lisbon."],
    [
      "several lines",
      "I moved.\r\n\r\n  [sic] To Lisbon {really}.\r\n",
      "I moved.\r\n\r\n  [sic] To Lisbon {really}.",
    ],
    ["a number", "35\n", "35"],
  ])("is one text: %s", async (_, stdin, text) => {
    const { out } = await add(stdin);
    expect(out).toMatch(/^Kept 1 message as extraction /);
    expect(await texts()).toEqual([text]);
  });

  it("is a text of a speaker's, at a time", async () => {
    await add("I moved.\n", "--role", "assistant", "--name", "Bo", "--at", "2026-03-01T09:30:00Z");
    const { memories } = (await shell.run(["list", "--user", "ada", "--json"])).json;
    expect(memories[0].sources).toMatchObject([
      { role: "assistant", name: "Bo", sentAt: "2026-03-01T09:30:00.000Z" },
    ]);
  });

  it.each(['{"role": "user", "text": "one"', '["one", "two', '"Well," said Ada.'])(
    "is a text where that is said: %s",
    async (text) => {
      await add(`${text}\n`, "--plain");
      expect(await texts()).toEqual([text]);
    },
  );

  it.each([
    ["standard input is blank", " \u3164\u200b\n"],
    [
      "line 2 is not valid JSON; it begins like JSON, --plain takes",
      '{"role": "user", "text": "a"}\n{"text": secret',
    ],
    ["line 1 is not valid JSON; it begins like JSON, --plain takes", '"Well," said secret.'],
    ["line 1 is not valid JSON; it begins like JSON, --plain takes", "[laughs] secret"],
    ["item 1: role is missing", '"secret"'],
    [
      "line 3 looks like JSON, but line 1 does not; --plain takes",
      'secret\n\n {"role": "user", "text": "secret"}',
    ],
    ["line 2 looks like JSON, but line 1 does not; --plain takes", 'role": "user"}\n{"text": "secret"'],
    ["standard input: text is larger than 128 KiB", "secret".padEnd(128 * 1024 + 1, "x")],
  ])("is refused, and nothing sent: %s", async (message, stdin) => {
    const { code, err } = await add(stdin);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("secret");
    expect(shell.server.calls).toEqual([]);
  });

  it("is what --plain is about", async () => {
    const { code, err } = await shell.run(["add", "--user", "ada", "--plain", "I moved."]);
    expect(code).toBe(2);
    expect(err).toContain("--plain is about standard input");
  });
});
