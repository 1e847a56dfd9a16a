import type { MemoryDraft } from "@mneme/core/memory/memory.ts";
import { plainDraft } from "@mneme/core/memory/plain-draft.ts";
import { DAY_MS } from "@mneme/core/time/day.ts";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createMemoryStore } from "./memory-store.ts";
import type { Provisioned } from "./provision.ts";
import { setOnProject } from "./testing/administrator.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("reviews");
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(() => record?.[Symbol.asyncDispose]());

const MAY = new Date("2027-05-01T00:00:00Z");
const JUNE = new Date("2027-06-01T00:00:00Z");
const scope = { userId: "ada" };
const seed = (...drafts: (MemoryDraft | string)[]) => seedMemories(record, tenant, scope, drafts);
const memories = () => createMemoryStore(record.database);
const listing = { scope, kinds: [], categories: [], showSuperseded: false, pageSize: 10, pageToken: "" };
const dueBefore = async (reviewBefore: Date) => {
  const { memories: due } = await memories().list(tenant, { ...listing, reviewBefore });
  return due.map(({ text }) => text);
};
const inDays = (days: number) => expect.closeTo(Date.now() + days * DAY_MS, -6);

it("stands on a memory as the application gives it, and lists what is due before a time", async () => {
  const [rows, keeps] = await seed(
    plainDraft("Ada rows.", { reviewAt: MAY }),
    plainDraft("Ada keeps bees.", { reviewAt: JUNE }),
    "Ada sails.",
  );
  expect([rows?.reviewAt, keeps?.reviewAt]).toEqual([MAY, JUNE]);
  expect(await dueBefore(JUNE)).toEqual(["Ada rows."]);
  expect(await dueBefore(new Date(JUNE.getTime() + 1))).toEqual(["Ada keeps bees.", "Ada rows."]);
  expect(await dueBefore(MAY)).toEqual([]);
});

it("is by the project's rules where nobody gives it, and later once it is told again", async () => {
  await setOnProject(record, tenant, { review: { rules: [{ category: "health", days: 180 }] } });
  const asthma = plainDraft("Ada has asthma.", { category: "health" });
  const [memory, other] = await seed(asthma, plainDraft("Ada rows.", { category: "hobbies" }));
  expect([memory?.reviewAt?.getTime(), other?.reviewAt]).toEqual([inDays(180), undefined]);
  await setOnProject(record, tenant, { review: { rules: [{ category: "health", days: 200 }] } });
  const [again] = await seed(asthma);
  expect([again?.id, again?.reviewAt?.getTime()]).toEqual([memory?.id, inDays(200)]);
  await setOnProject(record, tenant, { review: { rules: [{ category: "health", days: 3 }] } });
  const [later] = await seed(asthma);
  expect(later?.reviewAt?.getTime()).toEqual(inDays(200));
});

it("is moved and cleared by hand", async () => {
  const [memory] = await seed(plainDraft("Ada rows.", { reviewAt: MAY, expiresAt: JUNE }));
  const change = async (reviewAt: Date | undefined, requestId: string) => {
    const draft = plainDraft("", { reviewAt });
    const fields = new Set(["reviewAt"] as const);
    const changes = [
      { memoryId: memory?.id ?? "", draft, fields, etag: "", at: "update", embedding: undefined },
    ];
    const request = { rpc: "UpdateMemory", requestId, body: new Uint8Array() };
    const [changed] = (await memories().change(tenant, changes, request)).memories;
    return [changed?.version, changed?.reviewAt, changed?.expiresAt];
  };
  expect(await change(JUNE, "a")).toEqual([2, JUNE, JUNE]);
  expect(await change(JUNE, "b")).toEqual([2, JUNE, JUNE]);
  expect(await change(undefined, "c")).toEqual([3, undefined, JUNE]);
  expect(await dueBefore(new Date("2100-01-01"))).toEqual([]);
});
