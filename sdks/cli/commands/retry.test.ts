import { Code } from "@connectrpc/connect";
import { ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { wireError } from "@mneme/sdk/test/wire-error.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Shell } from "../test/shell.ts";

const RETRY_ALL = ["extraction", "retry", "--failed"];

describe("extraction retry --failed", () => {
  let shell: Shell;
  const mneme = (...args: string[]) => shell.run(args);
  const failedIds = async (): Promise<string[]> => {
    const { json } = await mneme("extraction", "list", "--state", "failed", "--limit", "1000", "--json");
    return json.extractions.map(({ id }: { id: string }) => id);
  };
  /** So many failed extractions of a person's; their ids, oldest first. */
  const fail = async (n: number, user = "ada"): Promise<string[]> => {
    shell.server.states = [ExtractionState.QUEUED, ExtractionState.FAILED];
    const stdin = '"a statement"\n'.repeat(n);
    const { json } = await shell.run(["import", "--user", user, "--part-size", "1", "-", "--json"], {
      stdin,
    });
    await Promise.all(json.extractionIds.map((id: string) => mneme("extraction", "get", id)));
    return json.extractionIds;
  };
  const linesOf = (out: string) =>
    out
      .trim()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const begun = () => expect(shell.server.calls.at(-1)?.method).toBe("RetryExtraction");

  beforeEach(async () => {
    shell = await Shell.open();
  });

  afterEach(() => shell[Symbol.asyncDispose]());

  it("queues more than a page of them, once each", async () => {
    const ids = await fail(260);
    expect(await failedIds()).toHaveLength(260);
    expect(await mneme(...RETRY_ALL)).toMatchObject({
      code: 0,
      err: "",
      out: "Queued 260 extractions again.\n",
    });
    expect(await failedIds()).toEqual([]);
    expect(shell.server.calls.filter(({ method }) => method === "RetryExtraction")).toHaveLength(ids.length);
    expect((await mneme(...RETRY_ALL)).out).toBe("No failed extractions.\n");
  });

  it("queues those of whom the options name, and prints them for programs", async () => {
    const [theirs, ids] = [await fail(2, "bo"), await fail(3)];
    const { code, out } = await mneme(...RETRY_ALL, "--user", "ada", "--json", "--request-id", "outage");
    expect(code).toBe(0);
    expect(linesOf(out).map(({ id, state }) => [id, state])).toEqual(
      expect.arrayContaining(ids.map((id) => [id, "queued"])),
    );
    const asked = shell.server.calls.filter(({ method }) => method === "RetryExtraction");
    expect(asked.map(({ requestId }) => requestId)).toEqual(ids.map((id) => `outage:${id}`));
    expect((await failedIds()).sort()).toEqual(theirs.sort());
    expect((await mneme(...RETRY_ALL, "--user", "ada", "--json")).out).toBe("");
  });

  it("goes on past one that somebody else has queued meanwhile", async () => {
    await fail(100);
    const retrying = mneme(...RETRY_ALL);
    await vi.waitFor(begun, { interval: 1 });
    shell.server.failures.push(wireError("has not failed", Code.FailedPrecondition, "EXTRACTION_NOT_FAILED"));
    const { code, out } = await retrying;
    expect({ code, out }).toEqual({
      code: 0,
      out: "Queued 99 extractions again; 1 had not failed any more.\n",
    });
  });

  it("is interrupted, and says how far it came", async () => {
    await fail(60);
    const stop = new AbortController();
    const { code, out, err } = await shell.run([...RETRY_ALL, "--json"], {
      signal: stop.signal,
      onOut: () => stop.abort(),
    });
    expect(code).toBe(130);
    expect(JSON.parse(err)).toMatchObject({ error: { kind: "cancelled" } });
    expect(linesOf(out).length).toBeLessThanOrEqual(8);
    expect((await failedIds()).length).toBeGreaterThan(40);
  });

  it("stops at what concerns them all", async () => {
    await fail(100);
    const retrying = mneme(...RETRY_ALL);
    await vi.waitFor(begun, { interval: 1 });
    shell.server.failures.push(wireError("lacks memory.write", Code.PermissionDenied, "PERMISSION_MISSING"));
    const { code, out, err } = await retrying;
    expect({ code, out }).toEqual({ code: 4, out: "" });
    expect(err).toMatch(/^Queued \d+ extractions? again\. Of 100 that had failed, the others are left/);
    expect(err).toContain("PERMISSION_MISSING");
    expect((await failedIds()).length).toBeGreaterThan(0);
  });

  it.each([
    [["extraction", "retry"], "give either an id or --failed"],
    [[...RETRY_ALL, "0197a0a0-0000-7000-8000-000000000000"], "give either an id or --failed"],
    [["extraction", "retry", "0197a0a0-0000-7000-8000-000000000000", "--user", "ada"], "go with --failed"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await mneme(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(shell.server.calls).toEqual([]);
  });
});
