import type { Command } from "commander";
import type { Terminal } from "../../terminal.ts";
import { registerBootstrap } from "./bootstrap.ts";
import { registerEncryption } from "./encryption.ts";
import { registerGrant } from "./grant.ts";
import { registerKey } from "./key.ts";
import { registerProject } from "./project.ts";
import { registerSettings } from "./settings.ts";
import { registerSigningKey } from "./signing-key.ts";
import { registerTeam } from "./team.ts";
import { registerTenant } from "./tenant.ts";
import { registerToken } from "./token.ts";
import { registerUsage } from "./usage.ts";

const AFTER_HELP = `
tenant, signing-key and bootstrap are for who runs the deployment: they take the operator's key, from --key-file,
MNEME_OPERATOR_KEY, or the run.json of a stack started with 'npm start'. Everything else takes a tenant's key with the
role admin, as every other command takes its key. --project ID goes with settings, usage, key and grant.

A new secret is the one line on standard output; what is said about it goes to standard error.

Examples:
  $ export MNEME_API_KEY=$(mneme admin tenant create acme)
  $ mneme admin key create dashboard --role reader --expires 2026-12-31
  $ mneme admin team create sales --name "Field sales"
  $ mneme admin grant create sales --user ada --write --until 2026-12-31
  $ mneme admin settings set retention.message_days 30`;

/** Administration: tenants, projects, settings, teams, grants and keys. */
export function registerAdmin(program: Command, terminal: Terminal) {
  const group = program
    .command("admin")
    .description("Administer tenants, projects, settings, teams, grants and keys.")
    .addHelpText("after", AFTER_HELP);
  registerBootstrap(group, terminal);
  registerTenant(group, terminal);
  registerProject(group, terminal);
  registerSettings(group, terminal);
  registerTeam(group, terminal);
  registerGrant(group, terminal);
  registerKey(group, terminal);
  registerUsage(group, terminal);
  registerToken(group, terminal);
  registerEncryption(group, terminal);
  registerSigningKey(group, terminal);
}
