import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type { SettingsSource } from "@mneme/core/tenancy/settings-of.ts";
import type pg from "pg";
import { withTenant } from "../pool.ts";

/** Settings as the record has them. @param pool connects as mneme_app. */
export function createSettingsSource(pool: pg.Pool): SettingsSource {
  return {
    async read(tenantId, projectId) {
      const { rows } = await withTenant(pool, tenantId, (client) =>
        client.query<{ of_project: Settings; of_tenant: Settings; indexed_in: string[] | null }>({
          name: "settings_of",
          text: `select p.settings as of_project, t.settings as of_tenant, r.languages as indexed_in
                 from projects p join tenants t on t.id = p.tenant_id
                 left join reindexed_projects r on r.tenant_id = p.tenant_id and r.project_id = p.id
                 where p.tenant_id = $1 and p.id = $2`,
          values: [tenantId, projectId],
        }),
      );
      const [row] = rows;
      if (!row) throw new Error("settings are asked for of a project that does not exist");
      return { levels: [row.of_project, row.of_tenant], indexedIn: row.indexed_in ?? undefined };
    },
  };
}
