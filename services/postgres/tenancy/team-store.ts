import { MnemeError } from "@mneme/core/errors.ts";
import { alreadyExists, requireEtag, requireKeyOfTenant } from "@mneme/core/tenancy/administrator.ts";
import type { Team, TeamStore } from "@mneme/core/tenancy/team-store.ts";
import { v7 as uuidv7 } from "uuid";
import type { Content } from "../content.ts";
import type { Database, TenantTransaction } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { administer } from "./administer.ts";
import { readPage } from "./pages.ts";

interface TeamRow {
  readonly id: string;
  readonly ref_ct: Buffer;
  readonly name_ct: Buffer;
  readonly created_at: Date;
  readonly revision: string;
  /** Microseconds and id: where the row stands in the list. */
  readonly place: string;
}

/** A team's memory is every project's, and so is the team. */
export const TEAMS_OF_ALL = "teams and grants are";

/** Teams: each is the scope reference of its id, so that scopes and grants speak of the same. */
export function createTeamStore(database: Database): TeamStore {
  return {
    async create(who, team, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          if (!(await claimRequest(transaction, who.tenantId, request))) {
            await insertTeam(transaction, who.tenantId, team);
          }
          return readTeam(transaction, who.tenantId, team.teamId);
        },
        signal,
      );
    },
    async get(who, teamId, signal) {
      requireKeyOfTenant(who, "TENANCY_READ", TEAMS_OF_ALL);
      return administer(database, who, (transaction) => readTeam(transaction, who.tenantId, teamId), signal);
    },
    async list(who, asked, signal) {
      requireKeyOfTenant(who, "TENANCY_READ", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        (transaction) =>
          readPage(transaction, {
            type: "team",
            asked,
            filters: ["teams"],
            read: async (after, most) => {
              const place = after?.split("/") ?? [null, null];
              return (await transaction.client.query<TeamRow>(LIST, [who.tenantId, ...place, most])).rows;
            },
            positionOf: ({ place }) => place,
            open: (rows) => Promise.all(rows.map((row) => openTeam(transaction.content, row))),
          }),
        signal,
      );
    },
    async rename(who, { teamId, name, etag }, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          const { client, content, projectKeyId } = transaction;
          if (!(await claimRequest(transaction, who.tenantId, request))) {
            const { id, revision } = await findTeam(transaction, who.tenantId, teamId, "for update of t");
            requireEtag(etag, revision, "team");
            await client.query(
              "update teams set name_ct = $3, revision = revision + 1 where tenant_id = $1 and id = $2",
              [who.tenantId, id, await content.sealText(projectKeyId, "teams.name", name || teamId)],
            );
          }
          return readTeam(transaction, who.tenantId, teamId);
        },
        signal,
      );
    },
    async delete(who, teamId, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", TEAMS_OF_ALL);
      return administer(
        database,
        who,
        async (transaction) => {
          const { client } = transaction;
          if (await claimRequest(transaction, who.tenantId, request)) return;
          const { id } = await findTeam(transaction, who.tenantId, teamId, "for update of t");
          // Grants of its memory go with it; those that it was given would come back with a team of its id.
          await client.query("delete from grants where tenant_id = $1 and grantee_id = $2", [
            who.tenantId,
            id,
          ]);
          await client.query("delete from teams where tenant_id = $1 and id = $2", [who.tenantId, id]);
        },
        signal,
      );
    },
  };
}

const PLACE = "(extract(epoch from t.created_at) * 1000000)::bigint";
const TEAMS = `select t.id, r.ref_ct, t.name_ct, t.created_at, t.revision, ${PLACE} || '/' || t.id as place
  from teams t join scope_refs r on r.tenant_id = t.tenant_id and r.id = t.id`;
const LIST = `${TEAMS} where t.tenant_id = $1 and ($2::bigint is null or (${PLACE}, t.id) < ($2, $3::uuid))
  order by ${PLACE} desc, t.id desc limit $4`;

/** @throws MnemeError TEAM_NOT_FOUND. */
export async function findTeam(
  { client, mac, audit }: TenantTransaction,
  tenantId: string,
  teamId: string,
  lock = "",
): Promise<TeamRow> {
  const { rows } = await client.query<TeamRow>(
    `${TEAMS} where t.tenant_id = $1 and r.kind = 'team' and r.ref_mac = $2 ${lock}`,
    [tenantId, await mac("team", teamId)],
  );
  audit?.touches("team", rows[0]?.id);
  if (rows[0]) return rows[0];
  throw new MnemeError("not_found", "TEAM_NOT_FOUND", "there is no such team");
}

async function readTeam(transaction: TenantTransaction, tenantId: string, teamId: string): Promise<Team> {
  return openTeam(transaction.content, await findTeam(transaction, tenantId, teamId));
}

async function openTeam(content: Content, row: TeamRow): Promise<Team> {
  const [teamId = "", name = ""] = await Promise.all([
    content.openText("scope_refs.ref", row.ref_ct),
    content.openText("teams.name", row.name_ct),
  ]);
  return { teamId, name, createdAt: row.created_at, etag: row.revision };
}

async function insertTeam(
  { client, mac, content, projectKeyId }: TenantTransaction,
  tenantId: string,
  { teamId, name }: { readonly teamId: string; readonly name: string },
): Promise<void> {
  const refMac = await mac("team", teamId);
  // A team that was removed left its memory under this reference.
  await client.query(
    `insert into scope_refs (tenant_id, id, kind, ref_mac, ref_ct) values ($1, $2, 'team', $3, $4)
     on conflict (tenant_id, kind, ref_mac) do nothing`,
    [tenantId, uuidv7(), refMac, await content.sealText(projectKeyId, "scope_refs.ref", teamId)],
  );
  const inserted = await client.query(
    `insert into teams (tenant_id, id, name_ct)
     select tenant_id, id, $3 from scope_refs where tenant_id = $1 and kind = 'team' and ref_mac = $2
     on conflict do nothing`,
    [tenantId, refMac, await content.sealText(projectKeyId, "teams.name", name || teamId)],
  );
  if (!inserted.rowCount) throw alreadyExists("team_id", "there is a team with this id");
}
