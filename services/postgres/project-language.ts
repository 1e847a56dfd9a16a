import { DEFAULT_LANGUAGE } from "@mneme/core/language/languages.ts";

/** Column `language`: the primary tag that the project of `memories m` sets, or its tenant. */
export const PROJECT_LANGUAGE = `(select coalesce(p.settings ->> 'language', t.settings ->> 'language', '${DEFAULT_LANGUAGE}')
   from projects p join tenants t on t.id = p.tenant_id
   where p.tenant_id = m.tenant_id and p.id = m.project_id) as language`;
