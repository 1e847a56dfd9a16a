import { ApiKeys } from "./administration/api-keys.ts";
import { Consolidations } from "./administration/consolidations.ts";
import { Encryption } from "./administration/encryption.ts";
import { Grants } from "./administration/grants.ts";
import { Operator } from "./administration/operator.ts";
import { OwnTenant } from "./administration/own-tenant.ts";
import { Projects } from "./administration/projects.ts";
import { Replays } from "./administration/replays.ts";
import { Teams } from "./administration/teams.ts";
import { Usage } from "./administration/usage.ts";
import { MnemeClient, type MnemeOptions } from "./client.ts";
import { type NodeChannelOptions, nodeChannel } from "./transport/node.ts";
import { webChannel } from "./transport/web.ts";

export * from "./administration/public.ts";
export * from "./public.ts";

/** How to reach Mneme from Node. */
export interface MnemeNodeOptions extends MnemeOptions, NodeChannelOptions {}

/**
 * Mneme for Node: one kept HTTP/2 connection, and administration, whose keys no page may hold. `url` and `apiKey`
 * default to MNEME_URL and, without a `token`, MNEME_API_KEY.
 */
export class Mneme extends MnemeClient {
  /** The tenant of the key. */
  readonly tenant: OwnTenant;
  /** Its parts with memories of their own. */
  readonly projects: Projects;
  /** Its teams; `team(id)` is one's memory. */
  readonly teams: Teams;
  /** Who may reach which team's memory. */
  readonly grants: Grants;
  /** Credentials of programs. */
  readonly apiKeys: ApiKeys;
  /** What models took and cost. */
  readonly usage: Usage;
  /** Conversations that are read again in another way. */
  readonly replays: Replays;
  /** Summaries of what happened long ago. */
  readonly consolidations: Consolidations;
  /** The key that encrypts what the tenant has stored. */
  readonly encryption: Encryption;
  /** All tenants; for keys with the role operator. */
  readonly operator: Operator;

  constructor(options: MnemeNodeOptions = {}) {
    const url = options.url ?? (process.env.MNEME_URL || undefined);
    const fromEnvironment = options.token === undefined ? process.env.MNEME_API_KEY || undefined : undefined;
    const apiKey = options.apiKey ?? fromEnvironment;
    super({ ...options, url, apiKey }, (base) =>
      options.fetch ? webChannel(base, options.fetch) : nodeChannel(base, options),
    );
    this.tenant = new OwnTenant(this.caller);
    this.projects = new Projects(this.caller);
    this.teams = new Teams(this.caller);
    this.grants = new Grants(this.caller);
    this.apiKeys = new ApiKeys(this.caller);
    this.usage = new Usage(this.caller);
    this.replays = new Replays(this.caller);
    this.consolidations = new Consolidations(this.caller);
    this.encryption = new Encryption(this.caller);
    this.operator = new Operator(this.caller);
  }
}
