import {
  alreadyExists,
  permissionMissing,
  requireEtag,
  requireKeyOfTenant,
  stateConflict,
} from "@mneme/core/tenancy/administrator.ts";
import { effectiveSettings } from "@mneme/core/tenancy/settings.ts";
import type { NewProject, ProjectStore, Update } from "@mneme/core/tenancy/tenant-store.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import type { Transaction } from "../plain-transaction.ts";
import { administer, administerPlainly } from "./administer.ts";
import { readPage } from "./pages.ts";
import { changedBy, PROJECT_COLUMNS, type ProjectRow, readTenant, toProject } from "./tenant-rows.ts";

/** Projects of a tenant, each with memories of its own. Only making one needs a key of the tenant. */
export function createProjectStore(database: Database): ProjectStore {
  return {
    async create(who, project, request, signal) {
      requireKeyOfTenant(who, "TENANCY_WRITE", "projects are made by");
      return administer(
        database,
        who,
        async (transaction) => {
          const { tenantId } = who;
          const made = { projectId: uuidv7() };
          const done = await claimRequest(transaction, tenantId, request, made);
          if (!done) await insertProject(database, transaction.client, tenantId, made.projectId, project);
          return toProject(await readProject(transaction, tenantId, (done ?? made).projectId));
        },
        signal,
      );
    },
    get: (who, projectId, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) => {
          const project = toProject(await readProject(transaction, who.tenantId, projectId || who.projectId));
          const { settings } = await readTenant(transaction, who.tenantId);
          return { project, effective: effectiveSettings(project.settings, settings) };
        },
        signal,
      ),
    list: (who, asked, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) =>
          readPage(transaction, {
            type: "project",
            asked,
            filters: ["projects"],
            read: async (after, most) =>
              (await transaction.client.query<ProjectRow>(LIST, [who.tenantId, after, most])).rows,
            positionOf: ({ id }) => id,
            open: (rows) => rows.map(toProject),
          }),
        signal,
      ),
    update: async (who, asked, update, request, signal) => {
      if (update.limits.length > 0 && !who.isOfTenant) {
        throw permissionMissing("TENANCY_WRITE", "a project's limits are set by keys of the tenant");
      }
      const projectId = asked || who.projectId;
      return administerPlainly(
        database,
        who,
        async (transaction) => {
          const done = await claimRequest(transaction, who.tenantId, request);
          if (!done) await updateProject(transaction, who.tenantId, projectId, update);
          return toProject(await readProject(transaction, who.tenantId, projectId));
        },
        signal,
      );
    },
  };
}

const LIST = `select ${PROJECT_COLUMNS} from projects where tenant_id = $1 and ($2::uuid is null or id < $2)
  order by id desc limit $3`;

/** @throws MnemeError PROJECT_NOT_FOUND. */
async function readProject(
  { client, audit }: Transaction,
  tenantId: string,
  projectId: string,
  lock = "",
): Promise<ProjectRow> {
  const { rows } = await client.query<ProjectRow>(
    `select ${PROJECT_COLUMNS} from projects where tenant_id = $1 and id = $2 ${lock}`,
    [tenantId, projectId],
  );
  if (!rows[0]) throw projectNotFound();
  audit?.touches("project", projectId);
  return rows[0];
}

async function insertProject(
  { keys }: Database,
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  { name, settings, limits }: NewProject,
): Promise<void> {
  const keyId = await keys.create(tenantId, "project");
  const inserted = await client.query(
    `insert into projects (tenant_id, id, name, key_id, settings, limits) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, name) do nothing`,
    [tenantId, projectId, name, keyId, JSON.stringify(settings), JSON.stringify(limits)],
  );
  if (inserted.rowCount) return;
  await keys.destroy(tenantId, keyId);
  throw nameTaken();
}

async function updateProject(
  transaction: Transaction,
  tenantId: string,
  projectId: string,
  update: Update,
): Promise<void> {
  const now = await readProject(transaction, tenantId, projectId, "for update");
  requireEtag(update.etag, now.revision, "project");
  if (update.state === "suspended") {
    const { default_project_id: kept } = await readTenant(transaction, tenantId);
    if (kept === projectId) throw stateConflict("default", "the tenant's default project can't be archived");
  }
  const text = `update projects set name = $3, state = $4, settings = $5, limits = $6, revision = revision + 1,
      updated_at = now() where tenant_id = $1 and id = $2`;
  await transaction.client
    .query(text, [tenantId, projectId, ...changedBy(now, update)])
    .catch((error: unknown) => {
      throw (error as { code?: string }).code === UNIQUE_VIOLATION ? nameTaken() : error;
    });
}

const UNIQUE_VIOLATION = "23505";

function nameTaken() {
  return alreadyExists("name", "another project of the tenant has this name; choose one of its own");
}
