import { makeOlder } from "@mneme/postgres/testing/age.ts";
import { type Memory, Mneme } from "@mneme/sdk";
import { ageingScheduleId, maintenanceScheduleId } from "@mneme/workflows/contract.ts";
import { Client, Connection, ScheduleNotFoundError } from "@temporalio/client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";

let stack: OwnStack;
let connection: Connection;
let temporal: Client;
let mneme: Mneme;

beforeAll(async () => {
  stack = await startOwnStack("ageing", {});
  connection = await Connection.connect({ address: process.env.MNEME_TEMPORAL_ADDRESS ?? "" });
  temporal = new Client({ connection, namespace: process.env.MNEME_TEMPORAL_NAMESPACE ?? "" });
  mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
}, 240_000);
afterAll(async () => {
  await mneme?.[Symbol.asyncDispose]();
  await connection?.close();
  await stack?.[Symbol.asyncDispose]();
}, 120_000);

const schedule = () => temporal.schedule.getHandle(ageingScheduleId(stack.tenant.tenantId));

/** Has maintenance make the tenant's schedule, and the schedule run. @returns what the run did. */
async function age(): Promise<Record<string, number>> {
  await temporal.schedule.getHandle(maintenanceScheduleId(stack.name)).trigger();
  await expect.poll(isScheduled, { timeout: 60_000 }).toBe(true);
  const before = (await schedule().describe()).info.numActionsTaken;
  await schedule().trigger();
  const taken = async () => (await schedule().describe()).info.numActionsTaken;
  await expect.poll(taken, { timeout: 30_000 }).toBeGreaterThan(before);
  const last = (await schedule().describe()).info.recentActions.at(-1)?.action.workflow;
  return temporal.workflow.getHandle(last?.workflowId ?? "", last?.firstExecutionRunId).result();
}

const isScheduled = () =>
  schedule()
    .describe()
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof ScheduleNotFoundError) return false;
        throw error;
      },
    );

/** What a person said, as if it had been so many days ago. */
async function tellLongAgo(userId: string, texts: readonly string[], days: number): Promise<Memory[]> {
  const user = mneme.user(userId);
  await user.add(
    texts.map((text) => ({ role: "user", name: userId, text })),
    { waitFor: "searchable" },
  );
  const memories = await user.list().toArray();
  const { admin } = stack.record;
  await makeOlder(
    stack.record,
    memories.map(({ id }) => id),
    days,
  );
  await admin.query(
    "update mneme.extractions set created_at = created_at - make_interval(days => $2) where tenant_id = $1",
    [stack.tenant.tenantId, days],
  );
  return memories;
}

const set = (ageing: Parameters<typeof mneme.tenant.update>[0]["settings"]) =>
  mneme.tenant.update({ settings: ageing });

it("archives what has faded by the tenant's schedule, and gives back what is told again", async () => {
  await set({ ageing: { semanticHalfLifeDays: 30, episodicHalfLifeDays: 30, archiveBelow: 0.2 } });
  const told = await tellLongAgo("ada", ["I keep bees in Lisbon.", "My sister plays the cello."], 200);
  const bees = told.find(({ text }) => text.includes("bees")) as Memory;
  const ada = mneme.user("ada");
  // It was used: the other has faded.
  const { hits } = await ada.search("Who keeps bees?", { limit: 1 });
  expect(hits[0]?.memory.id).toBe(bees.id);
  const used = async () => {
    const { rows } = await stack.record.admin.query(
      "select from mneme.memory_uses where memory_id = $1 and last_used_at > now() - interval '1 hour'",
      [bees.id],
    );
    return rows.length;
  };
  await expect.poll(used, { timeout: 20_000 }).toBe(1);
  expect(await age()).toMatchObject({ faded: told.length - 1, left: 0 });
  expect((await ada.list().toArray()).map(({ id }) => id)).toEqual([bees.id]);
  expect((await ada.search("cello")).hits.map(({ memory }) => memory.text).join()).not.toContain("cello");
  await ada.add([{ role: "user", name: "ada", text: "My sister plays the cello." }], {
    waitFor: "searchable",
  });
  expect((await ada.search("cello")).hits.map(({ memory }) => memory.text).join()).toContain("cello");
}, 180_000);

it("archives what is of somebody who is away, and a search brings it back", async () => {
  await set({ ageing: { archiveBelow: null, archiveInactiveDays: 30 } });
  const [violin] = await tellLongAgo("bo", ["I play the violin every day."], 40);
  // A worker knows settings for up to five seconds.
  await expect.poll(age, { timeout: 60_000 }).toMatchObject({ inactive: 1 });
  expect(await mneme.memories.get(violin?.id ?? "")).toMatchObject({ archiveReason: "inactive" });
  const bo = mneme.user("bo");
  const first = await bo.search("Which instrument?");
  expect(first.hits).toEqual([]);
  expect(first.degraded.map(({ part }) => part)).toEqual(["archive"]);
  const next = async () => (await bo.search("Which instrument?")).hits.map(({ memory }) => memory.id);
  await expect.poll(next, { timeout: 30_000 }).toEqual([violin?.id]);
  expect((await bo.search("Which instrument?")).degraded).toEqual([]);
  const { entries } = await mneme.memories.history(violin?.id ?? "");
  expect(entries.map(({ event, restoreReason }) => [event, restoreReason]).slice(-2)).toEqual([
    ["archived", undefined],
    ["restored", "returned"],
  ]);
}, 180_000);
