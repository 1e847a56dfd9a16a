import type { UserPermission } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { collectOf, parseCount } from "../../options.ts";
import type { Terminal } from "../../terminal.ts";

interface MintCommandOptions {
  readonly user: string;
  readonly permission?: readonly UserPermission[];
  readonly ttl?: number;
}

const PERMISSIONS = ["read", "write", "delete"] as const;

const EXAMPLES = `
Example:
  $ mneme admin token mint --user ada --permission read --permission write --ttl 600`;

export function registerToken(admin: Command, terminal: Terminal) {
  const group = admin
    .command("token")
    .description("Tokens by which browsers and end users call by themselves.")
    .addHelpText("after", EXAMPLES);
  group
    .command("mint")
    .description("Mint a token of one user; it dies with the key that mints it.")
    .requiredOption("-u, --user <id>", "whose memories it reaches")
    .option(
      "--permission <name>",
      "read, write or delete (repeatable); read if unset",
      collectOf(PERMISSIONS),
    )
    .option("--ttl <seconds>", "how long it holds, up to 3600; 900 if unset", parseCount)
    .action(action(terminal, mint));
}

async function mint({ mneme, print, signal }: Context, options: MintCommandOptions): Promise<void> {
  const { user: userId, permission: permissions, ttl: ttlSeconds } = options;
  const minted = await mneme.userTokens.mint({ userId, permissions, ttlSeconds, signal });
  print.result(minted, () => minted.token);
  print.note(`holds until ${minted.expireTime.toISOString()}`);
}
