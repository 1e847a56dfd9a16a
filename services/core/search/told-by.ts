import type { Scope } from "../tenancy/scope.ts";
import type { ShownMemory } from "./search-store.ts";

/** Where several may tell of the same: a name for the place, undefined of what is one person's. */
export function placeOf({
  userId,
  agentId,
  appId,
  teamId,
  sessionId,
  sharedWith,
}: Scope): string | undefined {
  if (teamId !== undefined) return `team/${teamId}`;
  if (sharedWith !== undefined) return sharedWith;
  if (userId !== undefined) return undefined;
  return JSON.stringify([agentId, appId, sessionId]);
}

/** Who told a memory, as they are called; undefined where nobody knows. */
export function toldBy({ sources, speaker, text, scope }: ShownMemory): string | undefined {
  return sources[0]?.name ?? (speaker && asWritten(speaker, text)) ?? scope.userId;
}

/** The same for comparing. */
export function tellerOf(memory: ShownMemory): string | undefined {
  return memory.speaker ?? toldBy(memory)?.trim().toLowerCase();
}

/** The name is kept in small letters; the text may have it as people write it. */
function asWritten(name: string, text: string): string {
  const [written] = new RegExp(`(?<!\\p{L})${RegExp.escape(name)}(?!\\p{L})`, "iu").exec(text) ?? [];
  return written ?? name;
}
