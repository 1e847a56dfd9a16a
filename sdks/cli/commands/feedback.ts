import type { Feedback, Miss, Rating } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { choice, namedScope, type ScopeOptions, withLimit, withRequestId, withScope } from "../options.ts";
import { table } from "../output/table.ts";
import { clean, formatDate } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

const RATINGS = ["positive", "negative", "very_negative", "none"] as const;

interface GiveOptions extends ScopeOptions {
  readonly comment?: string;
  readonly search?: string;
  readonly requestId?: string;
}

interface MissOptions extends ScopeOptions {
  readonly expected?: string;
  readonly expectedMemory?: string;
  readonly search?: string;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme feedback give 0197a0a0-0000-7000-8000-000000000000 --rating negative --user ada --comment "I moved"
  $ mneme feedback list --limit 20
  $ mneme feedback miss --user ada "Where did I park?" --expected "On level 3"
  $ mneme feedback misses`;

export function registerFeedback(program: Command, terminal: Terminal) {
  const group = program
    .command("feedback")
    .description("Rate what was found, and report what was not.")
    .addHelpText("after", EXAMPLES);
  withRequestId(withScope(group.command("give").description("Rate a memory; the last word of each counts.")))
    .argument("<id>", "the memory's id")
    .addOption(
      choice("--rating <rating>", "how good it was; none takes it back", RATINGS).makeOptionMandatory(),
    )
    .option("--comment <text>", "why")
    .option("--search <id>", "the search that found it")
    .action(action(terminal, give));
  withLimit(group.command("list").description("Show what was said, newest first."))
    .option("--memory <id>", "only of this memory")
    .action(action(terminal, list));
  withRequestId(
    withScope(group.command("miss").description("Report a search that should have found something.")),
  )
    .argument("<question...>", "what was asked")
    .option("--expected <text>", "what should have been found")
    .option("--expected-memory <id>", "the memory that should have been found")
    .option("--search <id>", "the search that lacked it")
    .action(action(terminal, miss));
  withLimit(group.command("misses").description("Show reported misses, newest first.")).action(
    action(terminal, misses),
  );
}

async function give(
  { mneme, print, signal }: Context,
  options: GiveOptions & { readonly rating: Rating | "none" },
  id: string,
): Promise<void> {
  const { rating, comment, search: searchId, requestId } = options;
  const scope = namedScope(options);
  await mneme.feedback.give(id, rating, { scope, comment, searchId, requestId, signal });
  print.result({ memoryId: id, rating }, () => (rating === "none" ? "Taken back." : "Kept."));
}

async function list(
  { mneme, print, signal }: Context,
  { memory: memoryId, limit }: { readonly memory?: string; readonly limit: number },
): Promise<void> {
  const found = await mneme.feedback
    .list({ memoryId, pageSize: Math.min(limit, 250), signal })
    .toArray(limit);
  print.result({ feedback: found }, () => (found.length === 0 ? "None." : feedbackTable(found, print.width)));
}

async function miss(
  { mneme, print, signal }: Context,
  options: MissOptions,
  words: readonly string[],
): Promise<void> {
  const { expected: expectedText, expectedMemory: expectedMemoryId, search: searchId, requestId } = options;
  const scope = namedScope(options);
  if (scope === undefined)
    throw new UsageError("say where it was searched: --user, --agent, --app, --team or --session");
  const missId = await mneme.feedback.reportMiss(scope, words.join(" "), {
    expectedText,
    expectedMemoryId,
    searchId,
    requestId,
    signal,
  });
  print.result({ missId }, () => `Reported as ${missId}.`);
}

async function misses(
  { mneme, print, signal }: Context,
  { limit }: { readonly limit: number },
): Promise<void> {
  const found = await mneme.feedback.misses({ pageSize: Math.min(limit, 250), signal }).toArray(limit);
  print.result({ misses: found }, () => (found.length === 0 ? "None." : missTable(found, print.width)));
}

function feedbackTable(found: readonly Feedback[], width: number): string {
  return table(
    [
      { head: "rating", width: 15 },
      { head: "memory", width: 38 },
      { head: "who", width: 14 },
      { head: "why" },
      { head: "when", width: 18 },
    ],
    found.map(({ rating, memoryId, userId, comment, giveTime }) => [
      rating ?? "",
      memoryId,
      clean(userId ?? "application"),
      clean(comment),
      formatDate(giveTime),
    ]),
    width,
  );
}

function missTable(found: readonly Miss[], width: number): string {
  return table(
    [{ head: "question" }, { head: "expected" }, { head: "whose", width: 14 }, { head: "when", width: 18 }],
    found.map(({ query, expectedText, expectedMemoryId, userId, reportTime }) => [
      clean(query),
      clean(expectedText || (expectedMemoryId ?? "")),
      clean(userId ?? ""),
      formatDate(reportTime),
    ]),
    width,
  );
}
