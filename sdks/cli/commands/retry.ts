import type { Extraction } from "@mneme/sdk";
import { FailedPreconditionError, NotFoundError } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { namedScope, type ScopeOptions, withRequestId, withScope } from "../options.ts";
import { extractionFacts } from "../output/extraction.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface RetryCommandOptions extends ScopeOptions {
  readonly failed?: boolean;
  readonly requestId?: string;
}

/** Calls under way at a time. */
const AT_A_TIME = 8;

const HELP = `
Examples:
  $ mneme extraction retry 0197a0a0-0000-7000-8000-000000000000
  $ mneme extraction retry --failed
  $ mneme extraction retry --failed --user ada --json

--failed queues the oldest first. Those that fail while it runs are left as they are; --json prints one line an extraction.`;

export function registerRetry(group: Command, terminal: Terminal) {
  withRequestId(withScope(group.command("retry").description("Queue a failed one again, or all of them.")))
    .argument("[id]", "its id")
    .option("--failed", "all that have failed, of everybody or of whom the options name")
    .addHelpText("after", HELP)
    .action(action(terminal, retry));
}

async function retry(context: Context, options: RetryCommandOptions, id?: string): Promise<void> {
  const scope = namedScope(options);
  if ((id === undefined) !== (options.failed === true)) throw new UsageError("give either an id or --failed");
  if (id === undefined) return retryFailed(context, options);
  if (scope !== undefined)
    throw new UsageError("--user, --agent, --app, --team and --session go with --failed");
  const { mneme, print, signal } = context;
  const extraction = await mneme.extractions.retry(id, { requestId: options.requestId, signal });
  print.result(extraction, () => extractionFacts(extraction));
}

async function retryFailed(context: Context, options: RetryCommandOptions): Promise<void> {
  const { mneme, print, signal } = context;
  const scope = namedScope(options);
  // All are listed before the first is queued: one that fails again at once is not met a second time.
  const failed = await mneme.extractions.list({ scope, state: "failed", pageSize: 250, signal }).toArray();
  const oldestFirst = failed.map(({ id }) => id).reverse();
  const done = { queued: 0, gone: 0 };
  try {
    await eachOf(oldestFirst, async (id) => {
      const extraction = await revived(context, id, options.requestId);
      done[extraction === undefined ? "gone" : "queued"]++;
      if (print.json && extraction !== undefined) print.event(extraction, () => "");
      print.progress(`${done.queued + done.gone} of ${failed.length} extractions`);
    });
  } catch (error) {
    print.progress("");
    print.note(`${doneText(done)} Of ${failed.length} that had failed, the others are left as they are.`);
    throw error;
  }
  print.progress("");
  if (!print.json)
    print.result(done, () => (failed.length === 0 ? "No failed extractions." : doneText(done)));
}

/** Undefined for one that somebody else has queued again meanwhile, or erased. */
async function revived(
  { mneme, signal }: Context,
  id: string,
  requestId: string | undefined,
): Promise<Extraction | undefined> {
  const own = requestId === undefined ? undefined : `${requestId}:${id}`;
  try {
    return await mneme.extractions.retry(id, { requestId: own, signal });
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof FailedPreconditionError) return undefined;
    throw error;
  }
}

function doneText({ queued, gone }: { readonly queued: number; readonly gone: number }): string {
  const meanwhile = gone === 0 ? "" : `; ${gone} had not failed any more`;
  return `Queued ${count(queued, "extraction")} again${meanwhile}.`;
}

/** Does the work for each item, some at a time, in order. The first error ends it once those under way are done. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let broken = false;
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      if (broken) return;
      await work(item).catch((error: unknown) => {
        broken = true;
        throw error;
      });
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: AT_A_TIME }, worker));
  const failure = workers.find((one) => one.status === "rejected");
  if (failure !== undefined) throw failure.reason;
}
