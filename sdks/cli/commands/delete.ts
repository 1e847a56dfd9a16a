import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { type ScopeOptions, scopeOf, withRequestId, withScope } from "../options.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface DeleteCommandOptions {
  readonly etag?: string;
  readonly requestId?: string;
}

interface DeleteAllCommandOptions extends ScopeOptions {
  readonly yes?: boolean;
  readonly requestId?: string;
}

export function registerDelete(program: Command, terminal: Terminal) {
  withRequestId(program.command("delete").description("Delete memories with all their versions."))
    .argument("<id...>", "their ids; several are deleted all or none")
    .option("--etag <etag>", "only if it still is this version (of a single one)")
    .addHelpText("after", "\nExample:\n  $ mneme delete 0197a0a0-0000-7000-8000-000000000000")
    .action(action(terminal, deleteByIds));
  withRequestId(withScope(program.command("delete-all").description("Delete every memory of a scope.")))
    .option("--yes", "really")
    .addHelpText(
      "after",
      "\nExample:\n  $ mneme delete-all --user ada --yes\n\nThis deletes memories; it does not erase the person.",
    )
    .action(action(terminal, deleteAll));
}

async function deleteByIds(
  { mneme, print, signal }: Context,
  { etag, requestId }: DeleteCommandOptions,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 1 && etag !== undefined) throw new UsageError("--etag goes with a single id");
  if (ids.length === 1) await mneme.memories.delete(ids[0] ?? "", { etag, requestId, signal });
  const deleted =
    ids.length === 1 ? 1 : (await mneme.memories.batchDelete(ids, { requestId, signal })).deleted;
  print.result({ deleted }, () => `Deleted ${count(deleted, "memory", "memories")}.`);
}

async function deleteAll({ mneme, print, signal }: Context, options: DeleteAllCommandOptions): Promise<void> {
  const scope = scopeOf(mneme, options);
  if (options.yes !== true)
    throw new UsageError("this deletes every memory of the scope; say --yes if you mean it");
  const result = await scope.deleteAll({ requestId: options.requestId, signal });
  print.result(result, () => `Deleted ${count(result.deleted, "memory", "memories")}.`);
}
