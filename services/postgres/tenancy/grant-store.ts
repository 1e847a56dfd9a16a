import { invalidField, MnemeError } from "@mneme/core/errors.ts";
import { requireKeyOfTenant } from "@mneme/core/tenancy/administrator.ts";
import type {
  Access,
  Grant,
  Granted,
  Grantee,
  GrantStore,
  NewGrant,
} from "@mneme/core/tenancy/team-store.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import { wideScope } from "@mneme/core/tenancy/wide-scope.ts";
import { v7 as uuidv7 } from "uuid";
import type { Content } from "../content.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { ensureScope, lockSubject } from "../scopes.ts";
import { administer, administerPlainly } from "./administer.ts";
import { readApiKey } from "./api-key-rows.ts";
import { readPage } from "./pages.ts";
import { findTeam, TEAMS_OF_ALL } from "./team-store.ts";

interface GrantRow {
  readonly id: string;
  readonly team_ct: Buffer | null;
  readonly wide_kind: "project" | "tenant" | null;
  readonly wide_of: string | null;
  readonly grantee_kind: Grantee["kind"];
  readonly grantee_id: string;
  readonly user_ct: Buffer | null;
  readonly ref_ct: Buffer | null;
  readonly access: Access;
  readonly created_at: Date;
  readonly expires_at: Date | null;
}

/** Who reaches which team's memory. */
export function createGrantStore(database: Database): GrantStore {
  return {
    async create(who, grant, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          const { tenantId } = who;
          const done = await claimRequest(transaction, tenantId, request);
          const teamId = await grantedIdOf(transaction, tenantId, grant.of);
          const granteeId = await granteeIdOf(database, transaction, tenantId, grant.grantee, teamId);
          if (!done) await upsertGrant(transaction, tenantId, grant, teamId, granteeId);
          const { rows } = await transaction.client.query<GrantRow>(
            `${GRANTS} where g.tenant_id = $1 and g.team_id = $2 and g.grantee_id = $3`,
            [tenantId, teamId, granteeId],
          );
          // Of a repetition, somebody may have taken it back since.
          if (!rows[0])
            throw new MnemeError("not_found", "GRANT_NOT_FOUND", "the grant was taken back since");
          transaction.audit?.touches("grant", rows[0].id);
          return openGrant(transaction.content, rows[0]);
        },
        signal,
      );
    },
    async list(who, { teamId, ...asked }, signal) {
      requireKeyOfTenant(who, "TENANCY_READ", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          const { client, content } = transaction;
          const team = teamId === "" ? null : (await findTeam(transaction, who.tenantId, teamId)).id;
          return readPage(transaction, {
            type: "grant",
            asked,
            filters: ["grants", teamId],
            read: async (after, most) =>
              (await client.query<GrantRow>(LIST, [who.tenantId, team, after, most])).rows,
            positionOf: ({ id }) => id,
            open: (rows) => Promise.all(rows.map((row) => openGrant(content, row))),
          });
        },
        signal,
      );
    },
    async delete(who, grantId, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", TEAMS_OF_ALL);
      return administerPlainly(
        database,
        who,
        async (transaction) => {
          if (await claimRequest(transaction, who.tenantId, request)) return;
          const text = "delete from grants where tenant_id = $1 and id = $2";
          transaction.audit?.touches("grant", grantId);
          const { rowCount } = await transaction.client.query(text, [who.tenantId, grantId]);
          if (rowCount) return;
          throw new MnemeError("not_found", "GRANT_NOT_FOUND", "there is no such grant", {
            metadata: { grant_id: grantId },
          });
        },
        signal,
      );
    },
  };
}

/** Of a person who was erased nothing is told, not even that there was a grant. */
const GRANTS = `select g.id, t.ref_ct as team_ct, g.wide_kind, g.wide_of, g.grantee_kind, g.grantee_id, p.user_ct, r.ref_ct, g.access,
    g.created_at, g.expires_at
  from grants g
  left join scope_refs t on t.tenant_id = g.tenant_id and t.id = g.team_id
  left join subjects p on p.tenant_id = g.tenant_id and p.id = g.grantee_id and p.state = 'active'
  left join scope_refs r on r.tenant_id = g.tenant_id and r.id = g.grantee_id`;
const LIST = `${GRANTS} where g.tenant_id = $1 and ($2::uuid is null or g.team_id = $2)
    and (g.grantee_kind <> 'user' or p.id is not null) and ($3::uuid is null or g.id < $3)
  order by g.id desc limit $4`;

/** Under which id the memory is kept that a grant is of. @throws MnemeError TEAM_NOT_FOUND, PROJECT_NOT_FOUND. */
async function grantedIdOf(transaction: TenantTransaction, tenantId: string, of: Granted): Promise<string> {
  if (of.kind === "team") return (await findTeam(transaction, tenantId, of.id, "for key share of t")).id;
  if (of.kind === "tenant") return wideScope(tenantId);
  await requireProject(transaction, tenantId, of.id);
  return wideScope(of.id);
}

async function requireProject({ client }: TenantTransaction, tenantId: string, id: string): Promise<void> {
  const text = "select from projects where tenant_id = $1 and id = $2";
  if ((await client.query(text, [tenantId, id])).rowCount === 0) throw projectNotFound();
}

/**
 * The opaque id of whom a grant is for.
 *
 * @throws MnemeError TEAM_NOT_FOUND, API_KEY_NOT_FOUND, PROJECT_NOT_FOUND, SUBJECT_FENCED, FIELD_INVALID.
 */
async function granteeIdOf(
  database: Database,
  transaction: TenantTransaction,
  tenantId: string,
  { kind, id }: Grantee,
  teamId: string,
): Promise<string> {
  switch (kind) {
    case "team": {
      const team = await findTeam(transaction, tenantId, id, "for key share of t");
      if (team.id === teamId) throw invalidField("grantee.team_id", "is the team itself; name another one");
      return team.id;
    }
    case "api_key":
      // Waits for a rotation of the key, which has looked at its grants: none comes behind that.
      return (await readApiKey(transaction, tenantId, id, "for key share")).id;
    case "project":
      await requireProject(transaction, tenantId, id);
      return id;
    case "user": {
      const known = await lockSubject(transaction, tenantId, id);
      const { ids } = await ensureScope(database, transaction, tenantId, { userId: id }, known);
      return ids.subject?.id as string;
    }
    default: {
      const scope = kind === "agent" ? { agentId: id } : { appId: id };
      const { ids } = await ensureScope(database, transaction, tenantId, scope, undefined);
      return (kind === "agent" ? ids.agentId : ids.appId) as string;
    }
  }
}

async function upsertGrant(
  { client }: TenantTransaction,
  tenantId: string,
  { of, grantee, access, expiresAt }: NewGrant,
  teamId: string,
  granteeId: string,
): Promise<void> {
  await client.query(
    `insert into grants (tenant_id, id, team_id, grantee_kind, grantee_id, access, expires_at,
       wide_kind, wide_of)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (tenant_id, team_id, grantee_id)
     do update set access = excluded.access, expires_at = excluded.expires_at`,
    [
      tenantId,
      uuidv7(),
      teamId,
      grantee.kind,
      granteeId,
      access,
      expiresAt ?? null,
      of.kind === "team" ? null : of.kind,
      of.kind === "team" ? null : of.kind === "project" ? of.id : tenantId,
    ],
  );
}

async function openGrant(content: Content, row: GrantRow): Promise<Grant> {
  const [teamId = "", user, ref] = await Promise.all([
    content.openText("scope_refs.ref", row.team_ct),
    content.openText("subjects.user", row.user_ct),
    content.openText("scope_refs.ref", row.ref_ct),
  ]);
  return {
    id: row.id,
    of: grantedOf(row, teamId),
    // Keys and projects go by ids of ours.
    grantee: { kind: row.grantee_kind, id: user ?? ref ?? row.grantee_id },
    access: row.access,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
  };
}

function grantedOf({ wide_kind: kind, wide_of: id }: GrantRow, teamId: string): Granted {
  if (kind === null) return { kind: "team", id: teamId };
  return kind === "tenant" ? { kind } : { kind, id: id ?? "" };
}
