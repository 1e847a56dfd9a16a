import { createHash } from "node:crypto";
import type { Place } from "@mneme/core/tenancy/scope.ts";

/** Places as conditions of `memories m`. */
export interface PlaceFilter {
  /** One condition a place. */
  readonly conditions: readonly string[];
  readonly values: readonly unknown[];
  /** Statements that differ in it are different statements. */
  readonly shape: string;
}

/** @param first number of the first parameter. */
export function placeFilter(places: readonly Place[], first: number): PlaceFilter {
  const values: unknown[] = [];
  const shapes: string[] = [];
  const parameter = (value: unknown) => `$${first - 1 + values.push(value)}`;
  const conditions = places.map(({ layer, projectId, subject, agentIds, appIds, teamIds, sessionId }) => {
    const shape: string[] = [layer];
    const oneOf = (column: string, ids: readonly (string | null)[] | undefined) => {
      if (ids === undefined) return [];
      const known = ids.filter((id) => id !== null);
      const nobody = ids.includes(null) ? [`m.${column} is null`] : [];
      const named = known.length > 0 ? [`m.${column} = any (${parameter(known)}::uuid[])`] : [];
      shape.push(`${column.slice(0, 2)}${nobody.length}${named.length}`);
      return [`(${[...nobody, ...named].join(" or ")})`];
    };
    const all = [`m.project_id = ${parameter(projectId)}`];
    if (subject === null) all.push("m.subject_id is null");
    else if (subject)
      all.push(`m.subject_id = ${parameter(subject.id)}`, `m.epoch = ${parameter(subject.epoch)}`);
    shape.push(subject === null ? "n" : subject ? "s" : "a");
    all.push(...oneOf("agent_id", agentIds), ...oneOf("app_id", appIds), ...oneOf("team_id", teamIds));
    if (sessionId !== undefined)
      all.push(`exists (select from memory_sessions i where i.tenant_id = m.tenant_id
        and i.session_id = ${parameter(sessionId)} and i.memory_id = m.id)`);
    shapes.push(shape.join(""));
    return `(${all.join(" and ")})`;
  });
  return { conditions, values, shape: `places_${shortened(shapes.join("_"))}` };
}

/** PostgreSQL tells statements apart by 63 bytes of their names. */
function shortened(shape: string): string {
  return createHash("sha256").update(shape).digest("hex").slice(0, 16);
}

/** Which of the places a memory lies in, the first of them; null in none. */
export function layerOf(places: readonly Place[], { conditions }: PlaceFilter): string {
  const cases = places.map(({ layer }, i) => `when ${conditions[i]} then '${layer}'`);
  return `case ${cases.join(" ")} end`;
}
