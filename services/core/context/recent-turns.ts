import { setImmediate } from "node:timers/promises";
import { MnemeError } from "../errors.ts";
import { LONGEST, sentencesIn } from "../extraction/as-said/sentences.ts";
import { withoutSensitive } from "../extraction/sensitive/find-sensitive.ts";
import type { Message } from "../memory/message.ts";
import { sayingOf } from "../memory/saying.ts";
import type { MemoryTimes } from "../memory/times.ts";
import type { Session, SessionStore } from "../session/session-store.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { type ContextItem, oneLine } from "./context-item.ts";
import type { KeptTurn, TurnStore } from "./turn-store.ts";

export interface RecentTurnsDeps {
  readonly sessions: Pick<SessionStore, "get">;
  readonly turns: TurnStore;
  readonly settings: SettingsOf;
}

export interface TurnsWanted extends MemoryTimes {
  readonly scope: Scope;
  /** Of all that is written: a turn may be as many characters long as this has tokens, 600 to 4,000. */
  readonly tokenBudget: number;
  /** When it was said: `[saidAfter, saidBefore)`. */
  readonly saidAfter?: Date | undefined;
  readonly saidBefore?: Date | undefined;
}

/** Turns that are looked at; the window holds no more. */
const MOST_TURNS = 200;
/** A longer turn is cut: one must not take the room of all others. */
const LEAST_CUT = 600;
const MOST_CUT = 4_000;
/** So much of a turn tells it from others. */
const FIRST_WORDS = LEAST_CUT + LONGEST;
/** Turns that are read before others have their turn: some milliseconds' work. */
const AT_ONCE = 20;

/**
 * The last turns of the conversation that a scope names, newest first: those of the session's window, or where there is
 * none the newest that are kept of what was added. Instructions are no part of it, nor are sentences that hold what the
 * project keeps out. Of what was so or known at another time only what was said by then is.
 */
export async function recentTurns(
  deps: RecentTurnsDeps,
  tenancy: Tenancy,
  wanted: TurnsWanted,
  signal?: AbortSignal,
): Promise<ContextItem[]> {
  const { scope, asOf, knownAt, saidAfter, saidBefore } = wanted;
  if (scope.sessionId === undefined) return [];
  const [window, kept, { extraction }] = await Promise.all([
    windowOf(deps.sessions, tenancy, scope, signal),
    deps.turns.recent(tenancy, { scope, asOf, knownAt, limit: MOST_TURNS }, signal),
    deps.settings.of(tenancy.tenantId, tenancy.projectId),
  ]);
  const excluded = extraction?.excludeSensitive ?? [];
  const turns = (window ? fromWindow(window, kept) : kept).filter(
    ({ role, sentAt }) =>
      role !== "system" &&
      (!asOf || sentAt <= asOf) &&
      (!knownAt || sentAt <= knownAt) &&
      (!saidAfter || sentAt >= saidAfter) &&
      (!saidBefore || sentAt < saidBefore),
  );
  const longest = Math.min(MOST_CUT, Math.max(LEAST_CUT, wanted.tokenBudget));
  const items: ContextItem[] = [];
  for (const [read, turn] of turns.entries()) {
    if (read % AT_ONCE === AT_ONCE - 1) await setImmediate(undefined, { signal });
    const line = oneLine(withoutSensitive(beginOf(turn.text, longest), excluded));
    if (line !== "") items.push(toItem(turn, line, { longest, place: -items.length }));
  }
  return items;
}

/**
 * What is shown, with the whole of the sentence at its end: of what a sentence that is cut off holds nobody knows, so that
 * of a long turn it is not read.
 */
function beginOf(text: string, longest: number): string {
  if (text.length <= longest + LONGEST) return text;
  const begin = text.slice(0, longest + LONGEST);
  return begin.slice(0, sentencesIn(begin, "en").at(-1)?.start ?? 0);
}

type Turn = Omit<KeptTurn, "messageId"> & { readonly messageId?: string | undefined; readonly turn?: number };

/** @returns undefined where there is none, or it is of another agent, app or team than the scope names. */
async function windowOf(
  sessions: RecentTurnsDeps["sessions"],
  tenancy: Tenancy,
  scope: Scope,
  signal: AbortSignal | undefined,
): Promise<Session | undefined> {
  try {
    const window = await sessions.get(tenancy, scope, MOST_TURNS, signal);
    const isOfScope = (["agentId", "appId", "teamId"] as const).every(
      (member) => scope[member] === undefined || scope[member] === window.scope[member],
    );
    return isOfScope && window.turns.length > 0 ? window : undefined;
  } catch (error) {
    if (error instanceof MnemeError && error.reason === "SESSION_NOT_FOUND") return undefined;
    throw error;
  }
}

/** Newest first. A turn that was added as well is known by its first words, and has that message's id. */
function fromWindow({ turns, turnCount }: Session, kept: readonly KeptTurn[]): Turn[] {
  const unmatched = Map.groupBy(kept, firstWordsOf);
  const first = turnCount - turns.length + 1;
  return turns
    .map((turn, index) => ({ ...turn, turn: first + index }))
    .reverse()
    .map((turn) => ({ ...turn, messageId: unmatched.get(firstWordsOf(turn))?.shift()?.messageId }));
}

const firstWordsOf = ({ role, text }: Pick<Message, "role" | "text">) =>
  `${role}/${oneLine(text.slice(0, FIRST_WORDS))}`;

const SPEAKERS = { user: "User", assistant: "Assistant", tool: "Tool", system: "System" } as const;

function toItem(
  { role, name, text, sentAt, messageId, turn }: Turn,
  line: string,
  { longest, place }: { readonly longest: number; readonly place: number },
): ContextItem {
  const isWhole = line.length <= longest && text.length <= longest + LONGEST;
  return {
    section: "turns",
    text: `${oneLine(name ?? "") || SPEAKERS[role]}: ${isWhole ? line : cut(line, longest)}`,
    when: sentAt.toISOString().slice(0, 16).replace("T", " "),
    source: {
      memoryId: undefined,
      messageIds: messageId === undefined ? [] : [messageId],
      turn,
      saidAt: sentAt,
    },
    memoryIds: [],
    saying: sayingOf(line),
    place,
    isWhole,
  };
}

/** At a space where there is one near, and never within a character. */
function cut(line: string, longest: number): string {
  if (line.length <= longest) return `${line} …`;
  const start = line.slice(0, longest);
  const space = start.lastIndexOf(" ");
  const end = space > longest / 2 ? start.slice(0, space) : start.replace(/[\uD800-\uDBFF]$/u, "");
  return `${end} …`;
}
