import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import type { Extraction } from "@mneme/sdk";
import { KEY } from "@mneme/sdk/test/memory-server.ts";
import { wireError } from "@mneme/sdk/test/wire-error.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Shell } from "./test/shell.ts";

const UNKNOWN = "0197a0a0-0000-7000-8000-000000000000";

describe("mneme", () => {
  let shell: Shell;
  const mneme = (...args: string[]) => shell.run(args);
  /** Adds a text and says the memory's id. */
  const remember = async (text: string, ...more: string[]): Promise<string> => {
    const { json } = await mneme("add", "--user", "ada", text, "--wait", "--json", ...more);
    return json.extractions[0].memoryIds[0];
  };

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  it("adds a text and finds it", async () => {
    const added = await mneme(
      "add",
      "--user",
      "ada",
      "--name",
      "Ada",
      "--at",
      "2026-03-01",
      "I moved",
      "to Lisbon",
    );
    expect(added).toMatchObject({ code: 0, err: "" });
    expect(added.out).toMatch(
      /^Kept 1 message as extraction [0-9a-f-]{36}\.\nFollow it: mneme extraction watch/,
    );
    const found = await mneme("search", "--user", "ada", "where", "Lisbon", "--explain");
    expect(found.out).toContain("2026-03-01 Ada:");
    expect(found.out.replace(/[│\s]+/g, " ")).toContain("I moved to Lisbon");
    const reranked = await mneme("search", "--user", "ada", "Lisbon", "--explain", "--rerank");
    expect(reranked.out.replace(/[│\s]+/g, " ")).toMatch(/reranked [\d.]+ \(place 2 -> 1, 87 ms\)/);
    expect(found.out).not.toContain("reranked");
    const shared = await mneme("search", "--user", "ada", "Lisbon", "--layer", "shared");
    expect(shared.out.replace(/[│\s]+/g, " ")).toContain("(user, told by Ada, disputed by another)");
    const json = (await mneme("search", "--user", "ada", "Lisbon", "--json")).json;
    expect(json.hits[0].memory.sources[0]).toMatchObject({ name: "Ada", sentAt: "2026-03-01T00:00:00.000Z" });
    const before = await mneme("search", "--user", "ada", "Lisbon before I moved");
    expect(before.out).toContain("time: event, until 1970-01-01, by moved, with what has ended");
    expect((await mneme("search", "--user", "bo", "Lisbon")).out).toMatch(/^Nothing found\./);
  });

  it("reads, changes and deletes memories", async () => {
    const id = await remember("I play the cello", "-m", "source=test", "-m", "n=2");
    expect((await mneme("get", id)).out).toMatch(
      /^memory +I play the cello\nid +[\s\S]*metadata +source=test n=2/,
    );
    expect(
      (await mneme("update", id, "--text", "Ada plays the cello", "--expires", "2030-01-01", "--json")).json,
    ).toMatchObject({
      memory: { text: "Ada plays the cello", version: 2, expireTime: "2030-01-01T00:00:00.000Z" },
    });
    expect((await mneme("update", id, "--expires", "none", "--json")).json.memory.expireTime).toBeUndefined();
    await mneme("update", id, "--valid-to", "2030-01-01");
    expect((await mneme("update", id, "--valid-to", "none", "--json")).json.memory.validTo).toBeUndefined();
    expect((await mneme("versions", id, "--json")).json.versions).toHaveLength(5);
    expect((await mneme("versions", id)).out).toContain("I play the cello");
    expect((await mneme("history", id)).out).toContain("It was said: “I play the cello”.\n");
    expect((await mneme("history", id, "--json")).json.entries).toHaveLength(5);
    const before = ["versions", id, "--known-at", "2020-01-01T10:30:00Z"];
    const nothing = await mneme(...before);
    expect(nothing).toMatchObject({
      code: 0,
      out: "Nothing was known of it yet at 2020-01-01 10:30 (UTC).\n",
    });
    expect((await mneme(...before, "--json")).json).toEqual({ versions: [] });
    expect((await mneme("list", "--user", "ada")).out).toContain("1 memory");
    for (const time of ["--as-of", "--known-at"]) {
      expect((await mneme("list", "--user", "ada", time, "2020-01-01")).out).toBe("No memories.\n");
      expect((await mneme("get", id, time, "2020-01-01")).code).toBe(3);
    }
    const archived = await mneme("archive", id);
    expect(archived.out).toMatch(/\narchived +\d{4}-\d\d-\d\d \d\d:\d\d, by hand\n/);
    expect((await mneme("list", "--user", "ada")).out).toBe("No memories.\n");
    expect((await mneme("list", "--user", "ada", "--archived")).out).toContain("(archived ");
    expect((await mneme("unarchive", id, "--json")).json.memory).not.toHaveProperty("archiveTime");
    const other = await remember("I like tea");
    expect((await mneme("get", id, other, UNKNOWN)).out).toContain(`nothing  ${UNKNOWN}`);
    expect((await mneme("delete", id)).out).toBe("Deleted 1 memory.\n");
    expect((await mneme("delete-all", "--user", "ada")).code).toBe(2);
    expect((await mneme("delete-all", "--user", "ada", "--yes", "--json")).json).toEqual({ deleted: 1 });
    expect((await mneme("list", "--user", "ada")).out).toBe("No memories.\n");
  });

  it("does not say that what was deleted since it was said is kept", async () => {
    await mneme("delete", await remember("I like tea", "--no-infer"));
    const add = ["add", "--user", "ada", "--wait", "--at", "2026-03-01"];
    const again = await mneme(...add, "--no-infer", "I like tea");
    expect(again.out).toMatch(/^Kept 1 message as .*\nMemories: 1 not kept \(deleted since said\)\.\n$/);
    expect((await mneme(...add, "I like tea")).out).toMatch(
      /\nMemories: 1 not kept \(nothing to remember, a request that named nothing known, or deleted since said\)\.\n$/,
    );
    const load = async (...texts: string[]) => {
      const stdin = texts.map((text) => JSON.stringify({ text, saidAt: "2026-03-01" })).join("\n");
      const args = ["import", "--user", "ada", "--part-size", "1", "--wait", "-"];
      const { out } = await shell.run(args, { stdin });
      const { json } = await shell.run([...args, "--json"], { stdin });
      return { out, dropped: json.extractions.map(({ counts }: Extraction) => counts.dropped) };
    };
    expect(await load("I like tea")).toEqual({
      out: "Accepted 1 statement.\nMemories: 1 not kept (deleted since said).\n",
      dropped: [1],
    });
    expect(await load("I like tea", "I like rye")).toEqual({
      out: "Accepted 2 statements.\nMemories: 1 added, 1 not kept (deleted since said). What was kept can be found.\n",
      dropped: [1, 0],
    });
  });

  it("waits for what it tells a team in the add itself", async () => {
    const add = ["add", "--user", "ada", "--team", "sales", "--wait"];
    shell.server.states = [];
    const kept = await mneme(...add, "The tender closes in May.");
    expect(kept.out).toMatch(/^Kept 1 message as extraction/);
    expect(shell.server.calls.map(({ method }) => method)).toEqual(["AddMessages"]);
  });

  it("writes a context to standard output and notes to standard error", async () => {
    await remember("Ada plays the cello");
    const { out, err } = await mneme("context", "--user", "ada", "cello");
    expect(out).toBe("Ada plays the cello [1]\n");
    expect(err).toContain("1 line, 1 token of o200k_base");
    const asked = ["--section", "turns=2", "--section", "facts", "--all-sessions", "--model", "gpt-5"];
    const detailed = await mneme("context", "--user", "ada", "cello", ...asked, "--json");
    expect(detailed.json).toMatchObject({
      tokenizer: "gpt-5",
      sections: [
        { name: "turns", tokens: 2 },
        { name: "facts", tokens: 0 },
      ],
    });
    expect((await mneme("context", "--user", "ada", "cello", "--all-sessions")).err).toContain(
      "left out: 3 of turns (budget)",
    );
    expect((await mneme("context", "--user", "ada", "cello", "--section", "poems")).code).toBe(2);
  });

  it("writes a profile in groups, with what each line rests on where that is asked for", async () => {
    await remember("Ada has a sister");
    const plain = await mneme("profile", "--user", "ada", "--category", "sister", "--model", "gpt-5");
    expect(plain.out).toMatch(/^People:\n- Ada has a sister \(since .+\)\n$/);
    expect(plain.err).toContain("1 line, 0 tokens of gpt-5");
    expect(plain.err).toContain("left out: 3 memories not read");
    const explained = await mneme("profile", "--user", "ada", "--category", "sister", "--explain");
    expect(explained.out).toMatch(/1 message, last .+: [0-9a-f-]{36}\n$/);
  });

  it("follows and revives extractions", async () => {
    shell.server.states = [ExtractionState.QUEUED, ExtractionState.FAILED];
    const id = (await mneme("add", "--user", "ada", "x", "--json")).json.results[0].extractionId;
    const watched = await mneme("extraction", "watch", id);
    expect(watched.code).toBe(5);
    expect(watched.out).toMatch(/queued\n.*failed\n$/);
    expect((await mneme("extraction", "list", "--state", "failed")).out).toContain("1 extraction");
    shell.server.states = [ExtractionState.QUEUED, ExtractionState.RUNNING, ExtractionState.SEARCHABLE];
    expect((await mneme("extraction", "retry", id, "--json")).json.state).toBe("queued");
    const again = await mneme("extraction", "watch", id, "--json");
    expect(again.code).toBe(0);
    expect(
      again.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).state),
    ).toEqual(["queued", "running", "searchable"]);
    expect((await mneme("extraction", "get", id)).out).toContain("searchable");
    expect((await mneme("extraction", "list", "--user", "bo")).out).toBe("No extractions.\n");
  });

  it("keeps a session's window", async () => {
    const scope = ["--user", "ada", "--session", "s1"];
    await mneme("session", "append", ...scope, "Book a table", "--state", '{"step": "time"}');
    const shown = await mneme("session", "get", ...scope);
    expect(shown.out).toContain("user: Book a table");
    expect(shown.out).toContain('{"step":"time"}');
    expect((await mneme("session", "end", ...scope)).out).toBe("Ended.\n");
    expect((await mneme("session", "get", ...scope)).code).toBe(3);
    expect((await mneme("session", "append", ...scope)).code).toBe(2);
    expect((await mneme("session", "get", "--user", "ada")).code).toBe(2);
  });

  it("says what is wrong with it", async () => {
    expect((await mneme("status")).out).toMatch(
      new RegExp(`server +${shell.url} \\(MNEME_URL\\)\nserving +yes.*\nkey +good`),
    );
    const wrong = await shell.run(["status"], { env: { MNEME_URL: shell.url, MNEME_API_KEY: "wrong" } });
    expect(wrong.code).toBe(4);
    expect(wrong.out).toContain("CREDENTIALS_INVALID");
    const nobody = await shell.run(["status", "--json"], { env: { MNEME_URL: "http://127.0.0.1:9" } });
    expect(nobody.code).toBe(6);
    expect(JSON.parse(nobody.err)).toMatchObject({ error: { kind: "unavailable" } });
  });

  describe("errors", () => {
    it.each([
      [
        1,
        wireError("broke", Code.Internal, "INTERNAL", { request_id: "r-7" }),
        "broke (INTERNAL, request req-1). Look for",
      ],
      [2, wireError("bad", Code.InvalidArgument, "FIELD_INVALID"), "bad (FIELD_INVALID). Correct it"],
      [
        3,
        wireError("no such memory", Code.NotFound, "MEMORY_NOT_FOUND"),
        "no such memory (MEMORY_NOT_FOUND). Check the id",
      ],
      [
        4,
        wireError("lacks memory.read", Code.PermissionDenied, "PERMISSION_MISSING"),
        "Use a key whose roles",
      ],
      [5, wireError("changed", Code.Aborted, "ETAG_MISMATCH"), "Repeat the change"],
    ])("ends with %i and one sentence", async (code, error, sentence) => {
      shell.server.failures.push(error);
      const ran = await mneme("get", UNKNOWN);
      expect(ran).toMatchObject({ code, out: "" });
      expect(ran.err).toContain(`mneme: `);
      expect(ran.err).toContain(sentence);
      expect(ran.err.trim().split("\n")).toHaveLength(1);
    });

    it("names the field once", async () => {
      const { code, err } = await mneme("add", "--user", "ada", " ");
      expect(code).toBe(2);
      expect(err).toBe(
        "mneme: messages[0].text: text must not be empty (FIELD_INVALID). Correct it and try again.\n",
      );
    });

    it.each([
      [["search", "--user", "ada"], "missing required argument"],
      [["search", "--user", "ada", "x", "--most-recent", "3"], "--most-recent takes no question"],
      [
        ["search", "--user", "ada", "--most-recent", "3", "--recipe", "rrf"],
        "--most-recent takes no question",
      ],
      [["search", "--user", "ada", "x", "--recipe", "best"], "Allowed choices are measured"],
      [["search", "--user", "ada", "x", "--min-similarity", "NaN"], "Expected a number"],
      [["search", "--user", "ada", "x", "--kind", "other"], "Expected one of semantic"],
      [["search", "--user", "ada", "x", "--layer", "user"], "Expected one of shared, agent"],
      [["list", "--shared-with", "world"], "Allowed choices are project, tenant"],
      [["search", "x"], "name someone: --user"],
      [["search", "--user", "", "x"], "scope.user_id: must be a non-empty string"],
      [["add", "--user", "ada", "--at", "soon", "x"], "Expected a date"],
      [["add", "--user", "ada", "--at", "2026-02-30", "x"], "Expected a date that exists"],
      [["search", "--user", "ada", "--as-of", "2025-02-29T10:00Z", "x"], "Expected a date that exists"],
      [["update", UNKNOWN, "--valid-to", "2026-04-31"], "Expected a date that exists"],
      [["update", UNKNOWN, "--valid-from", "none"], "A memory always holds since some time: give a date"],
      [["add", "--user", "ada", "--file", "missing.json"], "the file cannot be read (ENOENT)"],
      [["import", "--user", "ada", "missing.jsonl"], "the file cannot be read (ENOENT)"],
      [["frobnicate"], "unknown command"],
      [["update", UNKNOWN], "name at least one field to change"],
    ])("refuses %j", async (args, message) => {
      const people = await mneme(...args);
      expect(people.code).toBe(2);
      expect(people.err).toContain(message);
      const programs = await mneme(...args, "--json");
      expect(programs.code).toBe(2);
      expect(JSON.parse(programs.err).error.message).toContain(message);
    });

    it("ends with 130 when it is interrupted", async () => {
      shell.server.states = [];
      const { json } = await mneme("add", "--user", "ada", "x", "--json");
      const stop = new AbortController();
      const watching = shell.run(["extraction", "watch", json.results[0].extractionId], {
        signal: stop.signal,
      });
      stop.abort();
      expect(await watching).toMatchObject({ code: 130, err: "mneme: interrupted.\n" });
    });

    it("ends with 7 when the time is over", async () => {
      shell.server.states = [];
      const { json } = await mneme("add", "--user", "ada", "x", "--json");
      expect(
        (await mneme("extraction", "watch", json.results[0].extractionId, "--timeout", "0.05")).code,
      ).toBe(7);
    });
  });

  describe("the server", () => {
    const started = async (url: string) => {
      await mkdir(join(shell.cwd, ".mneme"));
      await writeFile(join(shell.cwd, ".mneme", "run.json"), JSON.stringify({ url, key: KEY }));
    };

    it("is found in a started stack's file", async () => {
      await started(shell.url);
      expect(await shell.run(["list", "--user", "ada"], { env: {} })).toMatchObject({ code: 0, err: "" });
    });

    it("is found through options and a key's file", async () => {
      await shell.file("key", `${KEY}\n`);
      const args = ["list", "--user", "ada", "--url", shell.url, "--key-file", "key"];
      expect(await shell.run(args, { env: {} })).toMatchObject({ code: 0 });
      expect((await shell.run([...args.slice(0, -1), "nothing"], { env: {} })).err).toContain(
        "--key-file cannot be read",
      );
      await shell.file("empty", "\n");
      expect((await shell.run([...args.slice(0, -1), "empty"], { env: {} })).err).toContain(
        "--key-file is empty; it must hold the API key",
      );
      const keyless = [...args.slice(0, -2), "--key", ""];
      expect((await shell.run(keyless, { env: {} })).err).toMatch(
        /no API key was given.* or pass --key-file\.$/m,
      );
    });

    it("is not sent the key of another one", async () => {
      await started("http://127.0.0.1:9");
      expect(await shell.run(["list", "--user", "ada", "--url", shell.url], { env: {} })).toMatchObject({
        code: 4,
      });
      expect(shell.server.calls.at(-1)?.headers.get("authorization")).toBeNull();
    });
  });

  it("does not let a memory steer the terminal", async () => {
    await remember("harmless \u001b[2J\u001b]0;title\u0007 end");
    const { out } = await mneme("list", "--user", "ada");
    expect(out).not.toMatch(/[^\P{Cc}\n]/u);
    expect(out).toContain("harmless");
  });

  it.each([60, 100, 140])("fits %i columns", async (columns) => {
    await remember(`${"a rather long sentence about many things ".repeat(8)}${"x".repeat(200)}`);
    for (const args of [["list"], ["search", "sentence"], ["search", "sentence", "--explain"]]) {
      const [command = "", ...rest] = args;
      const { out } = await shell.run([command, "--user", "ada", ...rest], { columns });
      const longest = Math.max(...out.split("\n").map((line) => line.length));
      expect(longest, args.join(" ")).toBeLessThanOrEqual(Math.max(columns, 94));
    }
  });

  it("explains every command with examples", async () => {
    const { out } = await mneme("--help");
    const commands = [...out.matchAll(/^ {2}([a-z][a-z-]*) /gm)]
      .map(([, name]) => name ?? "")
      .filter((name) => name !== "help");
    expect(commands.length).toBeGreaterThanOrEqual(13);
    for (const command of commands) {
      const help = await mneme(command, "--help");
      expect(help, command).toMatchObject({ code: 0, err: "" });
      expect(help.out, command).toMatch(/Examples?:\n {2}\$ |\$ .*mneme/);
    }
  });
});
