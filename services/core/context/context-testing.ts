import { MnemeError } from "../errors.ts";
import type { Message } from "../memory/message.ts";
import type { ProfileMemory } from "../profile/profile.ts";
import { commandOf, depsOf, type World } from "../search/search-testing.ts";
import type { Session } from "../session/session-store.ts";
import type { ContextCommand } from "./context-request.ts";
import type { ContextDeps } from "./get-context.ts";
import { CONTEXT_SECTIONS, DEFAULT_SHARES } from "./sections.ts";
import type { KeptTurn } from "./turn-store.ts";

/** What a context knows beside what a search finds. */
export interface Around {
  readonly profile?: readonly ProfileMemory[];
  /** Newest first. */
  readonly turns?: readonly KeptTurn[];
  /** Oldest first; undefined: there is no window. */
  readonly window?: readonly Message[];
  /** Turns that were appended to it, also those that fell out. */
  readonly turnCount?: number;
  readonly windowScope?: Session["scope"];
}

/** The ports of a context over a small world. */
export function contextDepsOf(world: World, around: Around = {}): ContextDeps {
  const { profile = [], turns = [], window, turnCount = window?.length ?? 0, windowScope = {} } = around;
  return {
    ...depsOf(world),
    profiles: { read: async () => ({ memories: profile, participants: [], total: profile.length }) },
    turns: { recent: async () => turns },
    sessions: {
      get: async () => {
        if (!window) throw new MnemeError("not_found", "SESSION_NOT_FOUND", "no such session");
        const expiresAt = new Date();
        return { scope: windowScope, turns: window, taskState: {}, turnCount, expiresAt, etag: "" };
      },
    },
  };
}

/** By default all sections with their default shares. */
export function contextCommand(query: string, members: Partial<ContextCommand> = {}): ContextCommand {
  const { scope, filter, ranking, tokenBudget, atLeastAsFresh } = commandOf(query);
  const usual = CONTEXT_SECTIONS.filter((section) => section !== "recent");
  const sections = usual.map((section) => ({ section, share: DEFAULT_SHARES[section] }));
  return {
    scope,
    query,
    filter,
    ranking,
    tokenBudget,
    atLeastAsFresh,
    sections,
    mostRecent: 10,
    model: "",
    allSessions: false,
    ...members,
  };
}

/** A turn as a window holds it. */
export function messageOf(text: string, members: Partial<Message> = {}): Message {
  const sentAt = new Date("2026-03-01T10:00:00Z");
  return { role: "user", name: "Ada", text, toolCalls: [], toolCallId: undefined, sentAt, ...members };
}

/** A turn as the record keeps it. */
export function keptTurn(messageId: string, text: string, members: Partial<KeptTurn> = {}): KeptTurn {
  const sentAt = new Date("2026-03-01T10:00:00Z");
  return { messageId, role: "user", name: "Ada", text, sentAt, ...members };
}
