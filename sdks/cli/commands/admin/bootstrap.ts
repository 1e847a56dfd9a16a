import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { connectWith } from "../../connection.ts";
import { UsageError } from "../../failure.ts";
import { readInput } from "../../input/read.ts";
import { keyFacts } from "../../output/administration.ts";
import type { Terminal } from "../../terminal.ts";
import { printMadeKey } from "./made-key.ts";

const HELP = `
The api reads the same credential from the file that its MNEME_BOOTSTRAP_KEY_FILE names. It works as long as no key of
the operator does: take the setting out afterwards.

Example:
  $ mneme admin bootstrap /etc/mneme/bootstrap.key > operator.key`;

export function registerBootstrap(group: Command, terminal: Terminal) {
  group
    .command("bootstrap")
    .description("Make the first key of the operator, with the bootstrap credential.")
    .argument("<file>", "holds the bootstrap credential; - reads it from standard input")
    .option("--name <name>", "the key's name", "operator")
    .addHelpText("after", HELP)
    .action(action(terminal, bootstrap));
}

async function bootstrap(
  { print, terminal, global, signal }: Context,
  { name }: { readonly name: string },
  file: string,
): Promise<void> {
  const credential = (await readInput(file, terminal)).trim();
  if (credential === "") throw new UsageError("the file is empty; it must hold the bootstrap credential");
  await using mneme = connectWith(credential, global, terminal);
  const made = await mneme.apiKeys.create(name, { roles: ["operator"], signal });
  printMadeKey({ print }, made, keyFacts(made.apiKey));
}
