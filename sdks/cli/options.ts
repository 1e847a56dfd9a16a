import type {
  MemoryScope,
  Metadata,
  MetadataValue,
  Mneme,
  Scope,
  SessionScope,
  SharedWith,
} from "@mneme/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "./failure.ts";
import { A_DATE, date } from "./input/date.ts";

/** The options that name whom a command is about. */
export interface ScopeOptions {
  readonly user?: string;
  readonly agent?: string;
  readonly app?: string;
  readonly team?: string;
  readonly session?: string;
  readonly sharedWith?: SharedWith;
}

/** Adds --user, --agent, --app, --team, --session and --shared-with. */
export function withScope(command: Command): Command {
  return command
    .option("-u, --user <id>", "the person")
    .option("--agent <id>", "the agent")
    .option("--app <id>", "the application")
    .option("--team <id>", "the team")
    .option("-s, --session <id>", "the conversation")
    .addOption(
      choice("--shared-with <whom>", "instead of a team: everybody of the project or tenant", SHARED_WITH),
    );
}

/** @throws UsageError when nobody is named. */
export function scopeOf(mneme: Mneme, options: ScopeOptions): MemoryScope {
  const scope = namedScope(options);
  if (scope === undefined)
    throw new UsageError("name someone: --user, --agent, --app, --team, --session or --shared-with");
  return mneme.scope(scope);
}

/** The scope that the options name; undefined where they name nobody. */
export function namedScope(options: ScopeOptions): Scope | undefined {
  const scope = scopeMembers(options);
  return Object.values(scope).some((id) => id !== undefined) ? scope : undefined;
}

/** @throws UsageError when no session is named. */
export function sessionOf(mneme: Mneme, options: ScopeOptions): SessionScope {
  if (options.session === undefined) throw new UsageError("name the session: --session ID");
  return mneme.scope(scopeMembers(options)).session(options.session);
}

/** The scope that the options name, which may be empty. */
function scopeMembers({ user, agent, app, team, session, sharedWith }: ScopeOptions): Scope {
  return { userId: user, agentId: agent, appId: app, teamId: team, sessionId: session, sharedWith };
}

/** Parses a date: 2026-03-01, or with a time, 2026-03-01T14:30 (local) or 2026-03-01T14:30Z. */
export function parseDate(text: string): Date {
  const { success, data } = date.safeParse(text);
  if (success) return data;
  throw new InvalidArgumentError(`Expected ${A_DATE}.`);
}

/** Which state to read. */
export interface TimesOptions {
  readonly asOf?: Date;
  readonly knownAt?: Date;
}

/** Adds the moments of valid and record time. */
export function withTimes(command: Command): Command {
  return command
    .option("--as-of <date>", "what was true at this time", parseDate)
    .option("--known-at <date>", "what was known at this time", parseDate);
}

/** As parseDate, or "none": Commander takes a null for a missing value. */
export function parseDateOrNone(text: string): Date | "none" {
  return text === "none" ? text : parseDate(text);
}

export function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  throw new InvalidArgumentError("Expected a number.");
}

export function parseCount(text: string): number {
  const number = parseNumber(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("Expected a whole number above 0.");
}

/** Collects `name=value`; numbers and true/false become what they look like, "quoted" text stays text. */
export function collectMetadata(text: string, before: Metadata = {}): Metadata {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("Expected name=value.");
  return { ...before, [text.slice(0, at)]: metadataValue(text.slice(at + 1)) };
}

function metadataValue(text: string): MetadataValue {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}

/** Collects an option that may be given several times. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

export const KINDS = ["semantic", "episodic", "procedural"] as const;
export const ORIGINS = ["stated", "inferred", "tool"] as const;
export const SHARED_WITH = ["project", "tenant"] as const;
export const SHARED_LAYERS = ["shared", "agent", "app", "team", "project", "tenant"] as const;
export const RECIPES = ["measured", "weighted", "rrf", "keyword", "semantic"] as const;
export const RECENCIES = ["off", "exponential", "linear"] as const;
export const ROLES = ["user", "assistant", "system", "tool"] as const;
export const STATES = ["queued", "running", "extracted", "searchable", "failed", "dropped"] as const;

/** What a key may do. */
export const KEY_ROLES = ["reader", "writer", "admin", "eraser", "auditor", "operator"] as const;

/** Collects words of a list. */
export function collectOf<Word extends string>(words: readonly Word[]) {
  return (text: string, before: readonly Word[] = []): readonly Word[] => {
    const word = words.find((known) => known === text);
    if (word === undefined) throw new InvalidArgumentError(`Expected one of ${words.join(", ")}.`);
    return [...before, word];
  };
}

/** An option whose values are listed. */
export function choice(flags: string, description: string, choices: readonly string[]): Option {
  return new Option(flags, description).choices([...choices]);
}

/** Adds --limit: how many a list shows. */
export function withLimit(command: Command): Command {
  return command.option("--limit <n>", "at most this many", parseCount, 50);
}

/** Adds --request-id. */
export function withRequestId(command: Command): Command {
  return command.option("--request-id <id>", "makes a repeated command the same command");
}
