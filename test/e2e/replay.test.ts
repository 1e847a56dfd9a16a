import { FailedPreconditionError, Mneme, NotFoundError } from "@mneme/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

let mneme: Mneme;
beforeAll(async () => {
  mneme = new Mneme({ url: sharedStack().url, apiKey: (await provisionSharedTenant("replay")).apiKey });
});
afterAll(() => mneme?.[Symbol.asyncDispose]());

/** Somebody who has told of their home and of their animals. */
async function told(name: string) {
  const user = mneme.user(name);
  await user.add("I live in Bergen.", { waitFor: "searchable" });
  await user.add("I have a dog called Rex.", { waitFor: "searchable" });
  return user;
}
const texts = async (name: string) =>
  (await mneme.user(name).list().toArray()).map(({ text }) => text).sort();

it("reads a person's conversations again, shows what it finds, and leaves what is known as it is", async () => {
  const user = await told("ada");
  const before = await texts("ada");
  const plain = await mneme.replays.start({ scope: user.scope });
  const same = await mneme.replays.wait(plain.id, { signal: AbortSignal.timeout(60_000) });
  expect([same.state, same.totals.messages]).toEqual(["ready", 2]);
  expect(await mneme.replays.differences(plain.id).toArray()).toEqual([]);
  const settings = { extraction: { excludeCategories: ["pets"] } };
  const { id } = await mneme.replays.start({ scope: user.scope, settings });
  const replay = await mneme.replays.wait(id, { signal: AbortSignal.timeout(60_000) });
  expect(replay.settings).toEqual(settings);
  const [removed, ...others] = await mneme.replays.differences(id, { change: "removed" }).toArray();
  expect([removed?.before?.text, removed?.before?.category, others]).toEqual([
    expect.stringContaining("Rex"),
    "pets",
    [],
  ]);
  expect(await texts("ada")).toEqual(before);
  expect((await user.search("Rex")).hits).toHaveLength(before.length);
});

it("is promoted: searches and lists have what it found, and the history says why", async () => {
  const user = await told("bo");
  const { id } = await mneme.replays.start({
    scope: user.scope,
    settings: { extraction: { excludeCategories: ["pets"] } },
  });
  await mneme.replays.wait(id, { signal: AbortSignal.timeout(60_000) });
  const [dog] = await mneme.replays.differences(id).toArray();
  await mneme.replays.promote(id);
  const { state, totals } = await mneme.replays.wait(id, { signal: AbortSignal.timeout(60_000) });
  expect([state, totals.promotedStreams]).toEqual(["promoted", 1]);
  expect((await texts("bo")).join()).not.toContain("Rex");
  const { hits } = await user.search("my dog Rex");
  expect(hits.filter(({ memory }) => memory.text.includes("Rex"))).toEqual([]);
  const { entries } = await mneme.memories.history(dog?.memoryId ?? "");
  expect(entries.at(-1)).toMatchObject({ event: "ended", provenance: { rule: `replay:${id}` } });
  await expect(mneme.replays.discard(id)).rejects.toThrow(FailedPreconditionError);
});

it("is discarded, and nobody else's", async () => {
  const user = await told("cy");
  const { id } = await mneme.replays.start({ scope: user.scope });
  await mneme.replays.wait(id, { signal: AbortSignal.timeout(60_000) });
  expect((await mneme.replays.discard(id)).state).toBe("discarded");
  await expect(mneme.replays.start({ scope: { userId: "cy", sessionId: "s" } })).rejects.toThrow(
    "scope.session_id",
  );
  const other = new Mneme({ url: sharedStack().url, apiKey: (await provisionSharedTenant("other")).apiKey });
  await expect(other.replays.get(id)).rejects.toThrow(NotFoundError);
  await other[Symbol.asyncDispose]();
});

it("reads by no model that the deployment has not", async () => {
  const settings = { models: { extractor: "model" } } as const;
  await expect(mneme.replays.start({ scope: { userId: "ada" }, settings })).rejects.toMatchObject({
    reason: "FIELD_INVALID",
    fields: [{ field: "settings.models.extractor" }],
  });
});
