import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { withRequestId } from "../../options.ts";
import type { Terminal } from "../../terminal.ts";

export function registerSigningKey(admin: Command, terminal: Terminal) {
  const group = admin
    .command("signing-key")
    .description("The key that user tokens are signed with; for the operator.")
    .addHelpText("after", "\nExample:\n  $ mneme admin signing-key rotate");
  withRequestId(group.command("rotate").description("Make a new one; tokens that are out hold on.")).action(
    action(terminal, rotate, "operator"),
  );
}

async function rotate(
  { mneme, print, signal }: Context,
  { requestId }: { readonly requestId?: string },
): Promise<void> {
  const keyId = await mneme.operator.rotateSigningKey({ requestId, signal });
  print.result({ keyId }, () => `Rotated; the new key is ${print.clean(keyId)}.`);
}
