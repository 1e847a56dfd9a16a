import type { TenantKey } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { readInput } from "../../input/read.ts";
import { withRequestId } from "../../options.ts";
import { tenantKeyFacts } from "../../output/administration.ts";
import type { Terminal } from "../../terminal.ts";

interface BringCommandOptions {
  readonly tokenFile: string;
  readonly mount?: string;
  readonly namespace?: string;
  readonly yes?: boolean;
  readonly requestId?: string;
}

interface Repeatable {
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme admin encryption show
  $ mneme admin encryption bring https://vault.example.com mneme --token-file token --yes`;

export function registerEncryption(admin: Command, terminal: Terminal) {
  const group = admin
    .command("encryption")
    .description("The key that encrypts what the tenant has stored.")
    .addHelpText("after", EXAMPLES);
  group
    .command("show")
    .description("Show where it lies and whether it can be used.")
    .action(action(terminal, show));
  withRequestId(group.command("rotate").description("Make a new version while everything goes on.")).action(
    action(terminal, rotate),
  );
  withRequestId(
    group.command("bring").description("Have it wrapped by a key of your own in a transit engine."),
  )
    .argument("<url>", "the engine's server (Vault, OpenBao), https")
    .argument("<name>", "the key's name there")
    .requiredOption("--token-file <file>", "holds a token that may encrypt and decrypt; - is standard input")
    .option("--mount <path>", "where the engine is mounted; transit if unset")
    .option("--namespace <name>", "if the server has them")
    .option("--yes", "really")
    .action(action(terminal, bring));
  withRequestId(group.command("return").description("Have it wrapped by the deployment again.")).action(
    action(terminal, giveBack),
  );
}

async function show({ mneme, print, signal }: Context): Promise<void> {
  shown(print, await mneme.encryption.get({ signal }));
}

async function rotate({ mneme, print, signal }: Context, { requestId }: Repeatable): Promise<void> {
  shown(print, await mneme.encryption.rotate({ requestId, signal }));
}

async function bring(
  { mneme, print, terminal, signal }: Context,
  { tokenFile, mount, namespace, yes, requestId }: BringCommandOptions,
  url: string,
  key: string,
): Promise<void> {
  if (yes !== true) {
    throw new UsageError(
      "without your key nothing that is stored can be read any more, by nobody; say --yes if you mean it",
    );
  }
  const token = (await readInput(tokenFile, terminal)).trim();
  if (token === "") throw new UsageError("the file given to --token-file is empty; it must hold the token");
  const reference = { url, mount, key, namespace };
  shown(print, await mneme.encryption.bring(reference, token, { requestId, signal }));
}

async function giveBack({ mneme, print, signal }: Context, { requestId }: Repeatable): Promise<void> {
  shown(print, await mneme.encryption.return({ requestId, signal }));
}

function shown(print: Context["print"], key: TenantKey): void {
  print.result(key, () => tenantKeyFacts(key));
}
