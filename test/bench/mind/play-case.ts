import type { Extraction, MemoryScope, Message, Mneme } from "@mneme/sdk";
import { judge } from "./judge.ts";
import type { CaseOutcome } from "./matrix.ts";
import type { Label, WrittenCase } from "./written-case.ts";

/** Where cases are played. */
export interface Stage {
  readonly mneme: Mneme;
  /** The project that the key writes to. */
  readonly projectId: string;
}

/**
 * Plays a case through the API: what was said before in an add each, then what is said now, as soon as the one before is
 * in the record.
 *
 * @param key whom the case is about; nobody else may have it.
 */
export async function playCase(stage: Stage, one: WrittenCase, key: string): Promise<CaseOutcome> {
  const scope = await scopeOf(stage, one, key);
  for (const turn of one.before) await scope.add(messageOf(turn), { waitFor: "extracted" });
  const { extraction } = await scope.add(one.now.map(messageOf), { waitFor: "extracted" });
  if (!extraction) throw new Error("an add that waited says nothing of its extraction");
  const memories = await scope.list().toArray();
  return judge(
    one,
    labelsOf(extraction),
    memories.map(({ text }) => text),
  );
}

async function scopeOf(
  { mneme, projectId }: Stage,
  { scope }: WrittenCase,
  key: string,
): Promise<MemoryScope> {
  if (scope === "person") return mneme.user(key);
  await mneme.teams.create(key);
  await mneme.grants.create(key, { projectId }, { access: "write" });
  return mneme.team(key);
}

function messageOf({ text, by, role, at }: WrittenCase["now"][number]): Message {
  return { role, text, sentAt: new Date(at), ...(by !== undefined && { name: by }) };
}

function labelsOf({ counts }: Extraction): Label[] {
  const all: readonly (readonly [Label, number])[] = [
    ["DELETE", counts.deleted],
    ["SUPERSEDE", counts.superseded],
    ["UPDATE", counts.updated],
    ["NOOP", counts.unchanged],
    ["ADD", counts.added],
    ["NONE", counts.dropped],
  ];
  return all.flatMap(([label, count]) => (count > 0 ? [label] : []));
}
