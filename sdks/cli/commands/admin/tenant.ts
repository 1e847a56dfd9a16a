import type { MoveTarget } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import type { KeyHolder } from "../../connection.ts";
import { UsageError } from "../../failure.ts";
import { withLimit, withRequestId } from "../../options.ts";
import {
  keyFacts,
  limitFacts,
  placementFacts,
  tenantFacts,
  tenantTable,
} from "../../output/administration.ts";
import { listed } from "../../output/text.ts";
import { tenantUsageTable } from "../../output/usage.ts";
import type { Terminal } from "../../terminal.ts";
import { type LimitOptions, limitsOf, limitsPatchOf, withLimits } from "./limit-options.ts";
import { printMadeKey } from "./made-key.ts";

interface Repeatable {
  readonly requestId?: string;
}

const EXAMPLES = `
All take the operator's key, but for 'get' without an id, which shows the tenant of your own key.

Examples:
  $ mneme admin tenant create acme --messages-per-day 100000
  $ mneme admin tenant limits ID --requests-per-second 50 --burst 100
  $ mneme admin tenant usage --month 2026-03
  $ mneme admin tenant suspend ID --yes
  $ mneme admin tenant move ID --own-index
  $ mneme admin tenant admin-key ID > acme.key`;

export function registerTenant(admin: Command, terminal: Terminal) {
  const group = admin
    .command("tenant")
    .description("Make, limit, suspend and move tenants; for the operator.")
    .addHelpText("after", EXAMPLES);
  withRequestId(
    withLimits(group.command("create").description("Make a tenant, and its administrator's key.")),
  )
    .argument("<name>", "for people")
    .action(action(terminal, create, "operator"));
  group
    .command("get")
    .description("Show a tenant.")
    .argument("[id]", "its id; your own key's tenant if unset")
    .action(action(terminal, get, (id): KeyHolder => (id === undefined ? "tenant" : "operator")));
  withLimit(group.command("list").description("List tenants, oldest first.")).action(
    action(terminal, list, "operator"),
  );
  withLimit(
    group.command("usage").description("List what models took of each tenant in a month, and what it cost."),
  )
    .option("--month <month>", "UTC, as 2026-03; this one if unset")
    .action(action(terminal, usage, "operator"));
  withRequestId(group.command("suspend").description("Refuse its credentials; everything is kept."))
    .argument("<id>", "its id")
    .option("--yes", "really")
    .action(action(terminal, suspend, "operator"));
  withRequestId(group.command("resume").description("Serve it again."))
    .argument("<id>", "its id")
    .action(action(terminal, resume, "operator"));
  withRequestId(
    withLimits(group.command("limits").description("Show what it may use, or change that; none clears.")),
  )
    .argument("<id>", "its id")
    .action(action(terminal, limits, "operator"));
  withRequestId(
    group.command("move").description("Move its index while it is served; 'placement' follows it."),
  )
    .argument("<id>", "its id")
    .option("--pool <name>", "to a pool that tenants share")
    .option("--own-index", "to an index of its own")
    .action(action(terminal, move, "operator"));
  group
    .command("placement")
    .description("Show where its index lies.")
    .argument("<id>", "its id")
    .action(action(terminal, placement, "operator"));
  withRequestId(
    group.command("admin-key").description("Make an administrator's key for one that lost its own."),
  )
    .argument("<id>", "its id")
    .action(action(terminal, adminKey, "operator"));
}

async function create(
  { mneme, print, signal }: Context,
  options: LimitOptions & Repeatable,
  name: string,
): Promise<void> {
  const { requestId } = options;
  const made = await mneme.operator.createTenant(name, { limits: limitsOf(options), requestId, signal });
  printMadeKey({ print }, made, `${tenantFacts(made.tenant)}\n\n${keyFacts(made.apiKey)}`);
}

async function get({ mneme, print, signal }: Context, _: object, id?: string): Promise<void> {
  const tenant = await (id === undefined
    ? mneme.tenant.get({ signal })
    : mneme.operator.getTenant(id, { signal }));
  print.result(tenant, () => tenantFacts(tenant));
}

async function list({ mneme, print, signal }: Context, { limit }: { readonly limit: number }): Promise<void> {
  const pages = mneme.operator.listTenants({ pageSize: Math.min(limit, 250), signal });
  const tenants = await pages.toArray(limit);
  print.result({ tenants }, () => listed(tenants, "tenant", (rows) => tenantTable(rows, print.width)));
}

async function usage(
  { mneme, print, signal }: Context,
  { month, limit }: { readonly month?: string; readonly limit: number },
): Promise<void> {
  const pages = mneme.operator.listTenantUsage({ month, pageSize: Math.min(limit, 250), signal });
  const tenants = await pages.toArray(limit);
  print.result({ tenants }, () => listed(tenants, "tenant", (rows) => tenantUsageTable(rows, print.width)));
}

async function suspend(
  { mneme, print, signal }: Context,
  { yes, requestId }: Repeatable & { readonly yes?: boolean },
  id: string,
): Promise<void> {
  if (yes !== true) throw new UsageError("this refuses all of its credentials; say --yes if you mean it");
  const tenant = await mneme.operator.suspendTenant(id, { requestId, signal });
  print.result(tenant, () => `Suspended. Undo it: mneme admin tenant resume ${tenant.id}`);
}

async function resume(
  { mneme, print, signal }: Context,
  { requestId }: Repeatable,
  id: string,
): Promise<void> {
  const tenant = await mneme.operator.resumeTenant(id, { requestId, signal });
  print.result(tenant, () => "Served again.");
}

async function limits(
  { mneme, print, signal }: Context,
  options: LimitOptions & Repeatable,
  id: string,
): Promise<void> {
  const { requestId } = options;
  const patch = limitsPatchOf(options);
  const tenant = await (patch === undefined
    ? mneme.operator.getTenant(id, { signal })
    : mneme.operator.updateTenant(id, { limits: patch }, { requestId, signal }));
  print.result({ limits: tenant.limits }, () => limitFacts(tenant.limits));
}

async function move(
  { mneme, print, signal }: Context,
  { pool, ownIndex, requestId }: Repeatable & { readonly pool?: string; readonly ownIndex?: boolean },
  id: string,
): Promise<void> {
  if ((pool === undefined) === (ownIndex !== true))
    throw new UsageError("say where to: --pool NAME or --own-index");
  const target: MoveTarget = pool === undefined ? { ownIndex: true } : { pool };
  const now = await mneme.operator.moveTenant(id, target, { requestId, signal });
  print.result(now, () => placementFacts(now));
}

async function placement({ mneme, print, signal }: Context, _: object, id: string): Promise<void> {
  const now = await mneme.operator.placement(id, { signal });
  print.result(now, () => placementFacts(now));
}

async function adminKey(
  { mneme, print, signal }: Context,
  { requestId }: Repeatable,
  id: string,
): Promise<void> {
  const made = await mneme.operator.createAdminKey(id, { requestId, signal });
  printMadeKey({ print }, made, keyFacts(made.apiKey));
}
