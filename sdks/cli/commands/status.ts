import { MnemeError, UnavailableError } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { findAddress } from "../connection.ts";
import { sentenceOf, toFailure } from "../failure.ts";
import { facts } from "../output/table.ts";
import { formatMs } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

export function registerStatus(program: Command, terminal: Terminal) {
  program
    .command("status")
    .description("Show which server this is, whether it serves, and whether the key is good.")
    .addHelpText("after", "\nExample:\n  $ mneme status")
    .action(action(terminal, status));
}

async function status({ mneme, print, terminal, global, signal }: Context): Promise<void> {
  const { url, from, key } = findAddress(global, terminal);
  const { serving, latencyMs } = await mneme.status({ signal, retries: 0 });
  const keyProblem = await checkKey(() => mneme.extractions.list({ pageSize: 1, signal }).page());
  print.result(
    {
      url,
      from,
      serving,
      latencyMs,
      hasKey: key !== undefined,
      keyProblem: keyProblem && toFailure(keyProblem),
    },
    () =>
      facts([
        ["server", `${url} (${from})`],
        ["serving", serving ? `yes, ${formatMs(latencyMs)}` : "no"],
        ["key", keyProblem ? sentenceOf(toFailure(keyProblem)) : "good"],
      ]),
  );
  if (!serving) throw new UnavailableError("the server answers, but does not serve");
  if (keyProblem !== undefined) throw keyProblem;
}

/** What is wrong with the key, if something is; another failure is thrown. */
async function checkKey(call: () => Promise<unknown>): Promise<MnemeError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const aboutTheKey =
      error instanceof MnemeError && ["unauthenticated", "permission_denied"].includes(error.kind);
    if (aboutTheKey) return error;
    throw error;
  }
}
