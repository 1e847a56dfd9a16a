import type { ImportResult } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { readDrafts } from "../input/drafts.ts";
import { parseCount, type ScopeOptions, scopeOf, withRequestId, withScope } from "../options.ts";
import { countsText, keptAny } from "../output/extraction.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface ImportCommandOptions extends ScopeOptions {
  readonly partSize?: number;
  readonly wait?: boolean;
  readonly requestId?: string;
}

const HELP = `
Examples:
  $ mneme import --user ada facts.jsonl --wait
  $ export-facts | mneme import --user ada - --request-id export-2026-03-01

A line is a string, or an object:
  {"text": "Ada was born in Braga.", "kind": "semantic", "category": "biography", "validFrom": "1990-05-02"}
with any of confidence, importance, origin, metadata, saidAt, validTo and expireTime. saidAt is when it was said in the
system that it comes from, by which searches filter and rank; now if absent. All of a file is checked before anything is
sent; standard input as it comes.

An import that broke is repeated with the same --request-id and stores nothing twice.`;

export function registerImport(program: Command, terminal: Terminal) {
  withRequestId(
    withScope(program.command("import").description("Store finished statements from JSON Lines.")),
  )
    .argument("<file>", "JSON Lines; - is standard input")
    .option("--part-size <n>", "statements a request (500)", parseCount)
    .option("--wait", "wait until they are searchable")
    .addHelpText("after", HELP)
    .action(action(terminal, importFile));
}

async function importFile(context: Context, options: ImportCommandOptions, file: string): Promise<void> {
  const { mneme, print, signal, terminal } = context;
  const { partSize, requestId } = options;
  const onProgress = (accepted: number) => print.progress(`${accepted} statements accepted`);
  const scope = scopeOf(mneme, options);
  const result = await scope.import(readDrafts(file, terminal), { partSize, requestId, signal, onProgress });
  const extractions = options.wait ? await wait(context, result) : undefined;
  print.progress("");
  print.result({ ...result, ...(extractions && { extractions }) }, () => {
    const accepted = `Accepted ${count(result.accepted, "statement")}.`;
    if (extractions === undefined) return accepted;
    const findable = keptAny(extractions) ? " What was kept can be found." : "";
    return `${accepted}\nMemories: ${countsText(...extractions) || "none"}.${findable}`;
  });
}

function wait({ mneme, signal, global }: Context, result: ImportResult) {
  return mneme.waitFor(result, { signal, ...(global.timeout && { timeoutMs: global.timeout * 1000 }) });
}
