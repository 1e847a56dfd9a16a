import type { ContextSectionName, SectionWish } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { parseCount, scopeOf } from "../options.ts";
import { degradedLines, timeLines } from "../output/search.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";
import { type ReadCommandOptions, readOptions, withReadOptions } from "./read-options.ts";

interface ContextCommandOptions extends ReadCommandOptions {
  readonly section?: readonly SectionWish[];
  readonly mostRecent?: number;
  readonly model?: string;
  readonly allSessions?: boolean;
}

const EXAMPLES = `
Examples:
  $ mneme context --user ada "What shall we talk about?"
  $ mneme context --user ada "holidays" --budget 500 --model gpt-5 > block.txt
  $ mneme context --user ada --session monday --all-sessions --section turns=2 --section facts "Where were we?"

The block goes to standard output, notes about it to standard error.`;

export function registerContext(program: Command, terminal: Terminal) {
  withReadOptions(program.command("context").description("Write a block of text ready for a prompt."))
    .argument("<question...>", "the question, or the person's last message")
    .option(
      "--section <name[=share]>",
      "profile, facts, events, procedures, turns or recent, in this order (repeatable; all but recent)",
      collectSections,
    )
    .option("--most-recent <n>", "beside them so many memories that were said last", parseCount)
    .option("--model <name>", "whose tokenizer counts: a model or an encoding (o200k_base)")
    .option("--all-sessions", "memories of all sessions: --session only says whose turns are told")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, writeContext));
}

async function writeContext(
  context: Context,
  options: ContextCommandOptions,
  words: readonly string[],
): Promise<void> {
  const { mneme, print, signal } = context;
  const { section: sections, mostRecent, model, allSessions } = options;
  const block = await scopeOf(mneme, options).context(words.join(" "), {
    ...readOptions(options, signal),
    sections,
    mostRecent,
    model,
    allSessions,
  });
  print.result(block, () => block.text.split("\n").map(print.clean).join("\n"));
  print.note(
    `${count(block.citations.length, "line")}, ${count(block.tokens, "token")} of ${block.tokenizer}`,
  );
  const leftOut = block.leftOutCounts.map(({ section, reason, count: lines }) => {
    return `${lines} of ${section ?? "others"} (${reason?.replace("_", " ") ?? "other"})`;
  });
  if (leftOut.length > 0) print.note(`left out: ${leftOut.join(", ")}`);
  for (const line of [...timeLines(block.time), ...degradedLines(block.degraded)]) print.note(line);
}

/** `turns`, or with its share `turns=2`; the server knows which there are. */
function collectSections(text: string, sections: readonly SectionWish[] = []): SectionWish[] {
  const [name = "", share] = text.split("=");
  return [
    ...sections,
    { name: name as ContextSectionName, share: share === undefined ? undefined : parseCount(share) },
  ];
}
