import type { MessageRole } from "../memory/memory.ts";
import type { Participant } from "../tenancy/scope.ts";
import { SELF } from "./claim.ts";

/** How statements name the person of a stream where nobody knows a name. */
export const UNNAMED = ["the user", "user"] as const;

/**
 * What the person of a stream is called in statements, in small letters. Where several people speak as users, each name
 * is its own: nobody is the person.
 */
export function selvesOf(participants: readonly Participant[]): ReadonlySet<string> {
  const users = participants
    .filter(({ role }) => role === "user")
    .map(({ name }) => name.trim().toLowerCase());
  return new Set([...UNNAMED, ...(users.length === 1 ? users : [])]);
}

/** Who tells a statement: SELF, another's name in small letters, or undefined of one that nobody is known to have told. */
export function tellerOf(
  speaker: string | undefined,
  role: MessageRole | undefined,
  selves: ReadonlySet<string>,
): string | undefined {
  const name = speaker?.trim().toLowerCase();
  if (name) return selves.has(name) ? SELF : name;
  return role === "user" ? SELF : role;
}
