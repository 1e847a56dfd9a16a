import type { Extraction, ExtractionState } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { choice, namedScope, type ScopeOptions, STATES, withLimit, withScope } from "../options.ts";
import { countsText, extractionFacts, extractionTable } from "../output/extraction.ts";
import { listed } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";
import { registerRetry } from "./retry.ts";

interface ListCommandOptions extends ScopeOptions {
  readonly state?: ExtractionState;
  readonly limit: number;
}

const EXAMPLES = `
Examples:
  $ mneme extraction list --state failed
  $ mneme extraction watch 0197a0a0-0000-7000-8000-000000000000
  $ mneme extraction retry 0197a0a0-0000-7000-8000-000000000000
  $ mneme extraction retry --failed`;

export function registerExtraction(program: Command, terminal: Terminal) {
  const group = program
    .command("extraction")
    .description("Follow and revive the work between an add and its memories.")
    .addHelpText("after", EXAMPLES);
  group.command("get").description("Show one.").argument("<id>", "its id").action(action(terminal, get));
  withLimit(withScope(group.command("list").description("List them, newest first.")))
    .addOption(choice("--state <state>", "only in this state", STATES))
    .action(action(terminal, list));
  group
    .command("watch")
    .description("Show every change until it is searchable; ends with 5 if it failed.")
    .argument("<id>", "its id")
    .action(action(terminal, watch));
  registerRetry(group, terminal);
}

async function get({ mneme, print, signal }: Context, _options: object, id: string): Promise<void> {
  const extraction = await mneme.extractions.get(id, { signal });
  print.result(extraction, () => extractionFacts(extraction));
}

async function list({ mneme, print, signal }: Context, options: ListCommandOptions): Promise<void> {
  const { state, limit } = options;
  const scope = namedScope(options);
  const pages = mneme.extractions.list({ scope, state, pageSize: Math.min(limit, 250), signal });
  const extractions = await pages.toArray(limit);
  print.result({ extractions }, () =>
    listed(extractions, "extraction", (rows) => extractionTable(rows, print.width)),
  );
}

async function watch({ mneme, print, signal, global }: Context, _options: object, id: string): Promise<void> {
  let last = "";
  const onChange = (extraction: Extraction) => {
    const line = [extraction.state, countsText(extraction)].filter(Boolean).join("  ");
    if (line !== last) print.event(extraction, () => `${new Date().toISOString().slice(11, 23)}  ${line}`);
    last = line;
  };
  const timeoutMs = global.timeout === undefined ? Number.POSITIVE_INFINITY : global.timeout * 1000;
  await mneme.waitFor(id, { signal, onChange, timeoutMs });
}
