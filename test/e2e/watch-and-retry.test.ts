import { type Extraction, type ExtractionState, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExtractionStates, openExtractionStates } from "../harness/extraction-state.ts";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const ORDER: readonly ExtractionState[] = ["queued", "running", "extracted", "searchable"];

describe("following and reviving extractions", () => {
  let mneme: Mneme;
  let stranger: Mneme;
  let states: ExtractionStates;
  let key: string;

  beforeAll(async () => {
    const { url } = sharedStack();
    key = (await provisionSharedTenant("watcher")).apiKey;
    mneme = new Mneme({ url, apiKey: key });
    stranger = new Mneme({ url, apiKey: (await provisionSharedTenant("other watcher")).apiKey });
    states = openExtractionStates();
  });
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stranger?.[Symbol.asyncDispose]();
    await states?.[Symbol.asyncDispose]();
  });

  /** An add that is through, so that no worker touches its extraction any more. */
  async function finished(user: string): Promise<string> {
    return (await mneme.user(user).add("I collect maps.", { name: "Kim", waitFor: "searchable" }))
      .extractionId;
  }

  describe("WatchExtraction", () => {
    it("follows a real add forward to its end, never twice the same", async () => {
      const { extractionId } = await mneme.user("ann").add("I keep two goats.", { name: "Ann" });
      const seen = await Array.fromAsync(mneme.extractions.watch(extractionId));
      const places = seen.map(({ state }) => ORDER.indexOf(state ?? "failed"));
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(seen.length);
      expect(seen.at(-1)).toMatchObject({
        id: extractionId,
        state: "searchable",
        messageCount: 1,
        counts: { added: 1, dropped: 0 },
        scope: { userId: "ann" },
      });
      expect(seen.at(-1)?.searchableTime).toBeInstanceOf(Date);
    });

    it("sends every change in order and ends when it is settled", async () => {
      const id = await finished("bea");
      await states.set(id, "queued");
      const seen: (ExtractionState | undefined)[] = [];
      for await (const { state } of mneme.extractions.watch(id)) {
        seen.push(state);
        const next = ORDER[ORDER.indexOf(state ?? "failed") + 1];
        if (next) await states.set(id, next);
      }
      expect(seen).toEqual(ORDER);
    });

    it.each(["searchable", "failed", "dropped"] as const)("ends at once where it is %s", async (state) => {
      const id = await finished(`settled-${state}`);
      await states.set(id, state);
      const seen = await Array.fromAsync(mneme.extractions.watch(id));
      expect(seen.map((one) => one.state)).toEqual([state]);
    });

    it("tells all who watch the same", async () => {
      const id = await finished("cem");
      await states.set(id, "running");
      const started = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
      const watchers = started.map(async ({ resolve }) => {
        const seen: Extraction[] = [];
        for await (const extraction of mneme.extractions.watch(id)) {
          seen.push(extraction);
          resolve();
        }
        return seen.map(({ state }) => state);
      });
      await Promise.all(started.map(({ promise }) => promise));
      await states.set(id, "searchable");
      for (const seen of await Promise.all(watchers)) expect(seen).toEqual(["running", "searchable"]);
    });

    it("shows a stranger nothing, in the same shape as nothing at all", async () => {
      const foreign = await finished("dov");
      const refusals: unknown[] = [];
      for (const id of [foreign, crypto.randomUUID()]) {
        const watching = Array.fromAsync(stranger.extractions.watch(id));
        const error: unknown = await watching.catch((reason) => reason);
        expect(error).toMatchObject({
          kind: "not_found",
          reason: "EXTRACTION_NOT_FOUND",
          metadata: { extraction_id: id },
        });
        refusals.push(String(error).replaceAll(id, ""));
        await expect(stranger.extractions.retry(id)).rejects.toMatchObject({
          reason: "EXTRACTION_NOT_FOUND",
        });
      }
      expect(refusals[0]).toBe(refusals[1]);
      await expect(Array.fromAsync(mneme.extractions.watch("no id"))).rejects.toMatchObject({
        reason: "FIELD_INVALID",
        fields: [{ field: "extraction_id" }],
      });
    });
  });

  describe("RetryExtraction", () => {
    it.each(["queued", "running", "searchable", "dropped"] as const)("refuses what is %s", async (state) => {
      const id = await finished(`retry-${state}`);
      await states.set(id, state);
      await expect(mneme.extractions.retry(id)).rejects.toMatchObject({
        kind: "failed_precondition",
        reason: "EXTRACTION_NOT_FAILED",
        metadata: { extraction_id: id, state },
      });
    });

    it("revives once, however often the same request comes", async () => {
      const id = await finished("eli");
      await states.set(id, "failed");
      const options = { requestId: "revive-eli" };
      expect((await mneme.extractions.retry(id, options)).state).toBe("queued");
      await states.set(id, "searchable");
      expect((await mneme.extractions.retry(id, options)).state).toBe("searchable");
      const other = await finished("eli");
      await expect(mneme.extractions.retry(other, options)).rejects.toMatchObject({
        reason: "REQUEST_ID_REUSED",
      });
    });
  });

  describe("ListExtractions", () => {
    it("pages newest first, each once, and filters by scope and state", async () => {
      const user = mneme.user("fay");
      const added: string[] = [];
      for (let i = 0; i < 7; i += 1) {
        const where = i % 2 === 0 ? user : user.session("chess");
        added.push((await where.add(`I won game ${i}.`, { name: "Fay" })).extractionId);
      }
      await mneme.waitFor(added);
      await states.set(added[2] ?? "", "failed");
      const list = async (options: Parameters<typeof mneme.extractions.list>[0]) =>
        (await Array.fromAsync(mneme.extractions.list({ pageSize: 3, ...options }))).map(({ id }) => id);
      const newest = added.toReversed();
      const scope = { userId: "fay" };
      expect(await list({ scope })).toEqual(newest);
      expect(await list({ scope: { ...scope, sessionId: "chess" } })).toEqual(
        newest.filter((id) => added.indexOf(id) % 2 === 1),
      );
      expect(await list({ scope, state: "failed" })).toEqual([added[2]]);
      expect(await list({ scope, state: "searchable" })).toEqual(newest.filter((id) => id !== added[2]));
      expect(await list({ scope: { userId: "nobody" } })).toEqual([]);
      expect((await list({})).filter((id) => added.includes(id))).toEqual(newest);
      expect(await Array.fromAsync(stranger.extractions.list())).toEqual([]);
    });

    it("takes a page token only with the filters it was made for", async () => {
      for (const text of ["I row.", "I ski.", "I run."]) await mneme.user("gus").add(text, { name: "Gus" });
      const page = (body: object) =>
        fetch(`${sharedStack().url}/mneme.extraction.v1.ExtractionService/ListExtractions`, {
          method: "POST",
          headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
          body: JSON.stringify({ scope: { userId: "gus" }, pageSize: 2, ...body }),
        });
      const { nextPageToken: pageToken } = (await (await page({})).json()) as { nextPageToken: string };
      expect(pageToken).toBeTruthy();
      const second = (await (await page({ pageToken })).json()) as { extractions: unknown[] };
      expect(second).toEqual({ extractions: [expect.anything()] });
      for (const body of [{ scope: { userId: "fay" } }, { state: "EXTRACTION_STATE_FAILED" }]) {
        const refused = await page({ ...body, pageToken });
        expect(refused.status).toBe(400);
        expect(await refused.text()).toContain("PAGE_TOKEN_INVALID");
      }
    });
  });
});
