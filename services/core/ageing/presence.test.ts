import { expect, it } from "vitest";
import { notePresence, type PresenceStore } from "./presence.ts";

const ADA = { id: "ada", epoch: 1 };

/** Keeps what it is told, and answers as it is let. */
function remembering(fails = 0) {
  const noted: string[] = [];
  const back: string[] = [];
  let failing = fails;
  const store: PresenceStore = {
    note: async (_, seen) => {
      if (failing-- > 0) throw new Error("the record is away");
      noted.push(...seen.map(({ subject }) => subject.id));
    },
    bringBack: async (_tenantId, _projectId, subjectId) => void back.push(subjectId),
  };
  return { store, noted, back };
}

it("notes a person once in some hours, and brings back at once who was away", async () => {
  const { store, noted, back } = remembering();
  const presence = notePresence(store);
  for (let i = 0; i < 5; i += 1) presence.note("tenant", "project", ADA, false);
  await presence[Symbol.asyncDispose]();
  presence.note("tenant", "project", ADA, false);
  presence.note("tenant", "project", ADA, true);
  presence.note("tenant", "project", ADA, true);
  await presence[Symbol.asyncDispose]();
  expect(noted).toEqual(["ada", "ada"]);
  expect(back).toEqual(["ada"]);
});

it("notes a person again whose note failed", async () => {
  const { store, noted } = remembering(1);
  const failures: unknown[] = [];
  const presence = notePresence(store, { onFailure: (error) => failures.push(error) });
  presence.note("tenant", "project", ADA, false);
  await presence[Symbol.asyncDispose]();
  presence.note("tenant", "project", ADA, false);
  await presence[Symbol.asyncDispose]();
  expect([failures.length, noted]).toEqual([1, ["ada"]]);
});
