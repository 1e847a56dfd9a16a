import {
  type AuditFlaw,
  type AuditVerification,
  FailedPreconditionError,
  type TrailVerification,
  verifyAuditTrail,
} from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { readKeySet, readTrail } from "../input/trail.ts";
import { parseCount } from "../options.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface VerifyCommandOptions {
  readonly from?: number;
  readonly offline?: string;
  readonly jwks?: string;
}

const HELP = `
Without --offline the server computes its own trail anew, for a key of the tenant. With it nothing is asked of any
server: the file is what 'mneme audit export' wrote, the keys are what the server publishes under
/.well-known/jwks.json. Keep both, and a trail that is rewritten later, even by whoever has all databases, no longer
fits.

Ends with 5 where something is wrong, and says what and where.`;

const SAID: Readonly<Record<AuditFlaw, string>> = {
  changed: "is not what it was",
  missing: "is missing",
  truncated: "and what follows was cut off",
  added: "and what follows was added by somebody else",
  signature: "is not what was signed",
};

export function registerAuditVerify(group: Command, terminal: Terminal) {
  group
    .command("verify")
    .description("Compute the trail anew, and find what was changed, taken out, cut off or added.")
    .option("--from <n>", "from this place in the trail on, taking the one before for right", parseCount)
    .option("--offline <file>", "a trail that was exported, - for standard input, instead of the server's")
    .option("--jwks <file>", "the keys, for --offline")
    .addHelpText("after", HELP)
    .action(action(terminal, verify));
}

async function verify(context: Context, options: VerifyCommandOptions): Promise<void> {
  const { offline: file } = options;
  const { found, said } = await (file === undefined
    ? verifyOnline(context, options)
    : verifyOffline(context, options, file));
  const { flaw, flawSequence = 0 } = found;
  if (flaw === undefined) return context.print.result(found, () => said);
  if (context.print.json) context.print.result(found, () => "");
  throw new FailedPreconditionError(`the audit trail was tampered with: event ${flawSequence} ${SAID[flaw]}`);
}

interface Verified {
  readonly found: AuditVerification | TrailVerification;
  /** For people, where nothing is wrong. */
  readonly said: string;
}

async function verifyOnline(
  { mneme, print, signal, global }: Context,
  { from = 1 }: VerifyCommandOptions,
): Promise<Verified> {
  const timeoutMs = global.timeout === undefined ? undefined : global.timeout * 1_000;
  const onProgress = (last: number) => print.progress(`as it was up to place ${last}`);
  const options = { afterSequence: from - 1, signal, timeoutMs, onProgress };
  const found = await mneme.audit.verify(options).finally(() => print.progress(""));
  return { found, said: `${count(found.checked, "event")} as they were, up to place ${found.lastSequence}.` };
}

async function verifyOffline(
  { terminal }: Context,
  { jwks }: VerifyCommandOptions,
  file: string,
): Promise<Verified> {
  if (jwks === undefined)
    throw new UsageError("name the keys: --jwks FILE, from the server's /.well-known/jwks.json");
  const keys = await readKeySet(jwks, terminal);
  const { signedHead, events } = await readTrail(file, terminal);
  const found = await verifyAuditTrail(events, signedHead, keys);
  const { checked, firstSequence, signedSequence } = found;
  const begins = firstSequence > 1 ? `, from place ${firstSequence} on` : "";
  return {
    found,
    said: `${count(checked, "event")} as they were${begins}, signed up to place ${signedSequence}.`,
  };
}
