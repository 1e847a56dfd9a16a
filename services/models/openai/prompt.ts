import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ExtractionInput, Turn } from "@mneme/core/extraction/extractor.ts";
import {
  SENSITIVE_DESCRIPTIONS,
  SENSITIVE_KINDS,
  type SensitiveKind,
} from "@mneme/core/extraction/sensitive/sensitive-kind.ts";
import { OTHER } from "@mneme/core/extraction/sort-statements.ts";
import type { Category } from "@mneme/core/tenancy/settings.ts";
import type { Piece } from "./pieces.ts";

export const DEFAULT_CATEGORIES: readonly string[] = [
  "identity",
  "health",
  "family",
  "relationships",
  "pets",
  "work",
  "education",
  "home",
  "travel",
  "food",
  "finance",
  "hobbies",
  "events",
  "preferences",
  "plans",
  OTHER,
];

/** How a project has conversations read, beside the rules that hold for all. */
export interface ReadingRules {
  /** Instead of the default ones. */
  readonly categories?: readonly Category[] | undefined;
  readonly instructions?: string | undefined;
  /** Categories whose statements are not kept. */
  readonly notKept?: readonly string[] | undefined;
  /** What no statement may hold. */
  readonly sensitive?: readonly SensitiveKind[] | undefined;
}

export interface Prompt {
  /** The system message. */
  readonly instructions: string;
  /** The file's name and a digest of all that shapes an answer, e.g. `v1-3f9a0c2b71de`. */
  readonly version: string;
}

/**
 * Reads `prompts/extract/<version>.md`, and what belongs behind it where a project sets more. What a project writes stands
 * in it as JSON strings: none of it can end its line, or look like the prompt's own words.
 *
 * @param shape what else the answer depends on (its JSON schema); goes into the version.
 * @throws Error if there is no such file.
 */
export function loadPrompt(version: string, rules: ReadingRules, shape: string): Prompt {
  if (!/^v\d+$/.test(version))
    throw new Error(`a prompt version is like "v1", not ${JSON.stringify(version)}`);
  const { categories, instructions, notKept = [], sensitive = [] } = rules;
  const named = categories ? listed(categories) : DEFAULT_CATEGORIES.join(", ");
  const parts = [
    fill(version, "categories", named),
    ...(instructions ? [fill(`${version}.application`, "instructions", JSON.stringify(instructions))] : []),
    ...(notKept.length > 0 ? [fill(`${version}.not-kept`, "not_kept", quoted(notKept))] : []),
    ...(sensitive.length > 0 ? [fill(`${version}.sensitive`, "sensitive", described(sensitive))] : []),
  ];
  const text = parts.join("");
  const digest = createHash("sha256").update(text).update(shape).digest("hex").slice(0, 12);
  return { instructions: text, version: `${version}-${digest}` };
}

/** A file of prompts with its place filled; by a function, so that no `$` in a value means anything. */
function fill(name: string, place: string, value: string): string {
  const file = new URL(`../prompts/extract/${name}.md`, import.meta.url);
  return readFileSync(file, "utf8").replace(`{{${place}}}`, () => value.toWellFormed());
}

function listed(categories: readonly Category[]): string {
  const each = categories.map(({ name, description }) =>
    description ? `${JSON.stringify(name)} (${JSON.stringify(description)})` : JSON.stringify(name),
  );
  return `${each.join(", ")}, or "${OTHER}" where none of these fits`;
}

function described(sensitive: readonly SensitiveKind[]): string {
  return SENSITIVE_KINDS.filter((kind) => sensitive.includes(kind))
    .map((kind) => `- ${SENSITIVE_DESCRIPTIONS[kind]}`)
    .join("\n");
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}

/**
 * The user message: one JSON object a line, so that nothing a message holds can look like another line. No id
 * leaves us: messages and memories are known by small integers, sessions by their order.
 */
export function renderConversation(
  input: Pick<ExtractionInput, "summary" | "nearest" | "context">,
  pieces: readonly Piece[],
): string {
  const sessions = new Map<string, number>();
  const sessionOf = ({ sessionId }: Turn) => {
    const key = sessionId ?? "";
    if (!sessions.has(key)) sessions.set(key, sessions.size + 1);
    return sessions.get(key);
  };
  const line = (turn: Turn, text: string) => ({
    session: sessionOf(turn),
    role: turn.role,
    ...(turn.name ? { name: turn.name } : {}),
    sent_at: turn.sentAt.toISOString(),
    weekday: turn.sentAt.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" }),
    text: text.toWellFormed(),
  });
  const earlier = input.context.map((turn) => line(turn, turn.text.slice(0, CONTEXT_CHARACTERS)));
  const messages = pieces.map(({ turn, text }, index) => ({ n: index + 1, ...line(turn, text) }));
  const known = input.nearest.map(({ text }, index) => ({ memory: index + 1, text: text.toWellFormed() }));
  return [
    section("Summary", input.summary ? [input.summary.toWellFormed()] : []),
    section("Known", known),
    section("Earlier", earlier),
    section("Messages", messages),
  ].join("\n\n");
}

/** A context turn is there to resolve names and pronouns; its beginning is enough. */
const CONTEXT_CHARACTERS = 1_000;

function section(title: string, lines: readonly unknown[]): string {
  const body = lines.length > 0 ? lines.map((line) => JSON.stringify(line)).join("\n") : "(none)";
  return `${title}:\n${body}`;
}
