import type { MemoryReview, ReviewAction } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { collectOf, type ScopeOptions, scopeOf, withLimit, withScope } from "../options.ts";
import { table } from "../output/table.ts";
import { formatDate } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface ReviewsCommandOptions extends ScopeOptions {
  readonly action?: readonly ReviewAction[];
  readonly limit: number;
}

const ACTIONS: readonly ReviewAction[] = ["refreshed", "downgraded", "archived", "removed"];
const EXAMPLES = `
What is due: mneme list --user ada --review-before 2026-12-01

Examples:
  $ mneme reviews --user ada
  $ mneme reviews --user ada --action downgraded --action archived`;

export function registerReviews(program: Command, terminal: Terminal) {
  withLimit(
    withScope(
      program.command("reviews").description("Show what reviews of memories did in the last 90 days."),
    ),
  )
    .option("--action <action>", `only these: ${ACTIONS.join(", ")} (repeatable)`, collectOf(ACTIONS))
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, reviews));
}

async function reviews({ mneme, print, signal }: Context, options: ReviewsCommandOptions): Promise<void> {
  const { action: actions, limit } = options;
  const pages = scopeOf(mneme, options).reviews({ actions, pageSize: Math.min(limit, 250), signal });
  const found = await pages.toArray(limit);
  print.result({ reviews: found }, () => {
    if (found.length === 0) return "No reviews.";
    return table(
      [
        { head: "memory", width: 38 },
        { head: "what", width: 12 },
        { head: "confidence", width: 14 },
        { head: "reviewed", width: 18 },
        { head: "again", width: 18 },
      ],
      found.map((review) => [
        review.memoryId,
        review.action ?? "",
        confidenceText(review),
        formatDate(review.reviewTime),
        formatDate(review.nextReviewTime),
      ]),
      print.width,
    );
  });
}

function confidenceText({ confidenceBefore, confidenceAfter }: MemoryReview): string {
  const [before, after] = [confidenceBefore, confidenceAfter].map((one) => String(Number(one.toFixed(2))));
  return before === after ? String(before) : `${before} to ${after}`;
}
