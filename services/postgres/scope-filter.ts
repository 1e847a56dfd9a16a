import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { layerOf, placeFilter } from "./place-filter.ts";

/** A scope as a condition. */
export interface ScopeFilter {
  /** Begins with `and` where anything is restricted. */
  readonly text: string;
  readonly values: readonly unknown[];
  /** Which members are set; statements that differ in it are different statements. */
  readonly shape: string;
  /** Names the layer of a row as `layer`; empty where the scope has no places. */
  readonly layer: string;
}

/**
 * Restricts rows to a scope: every set member restricts, unset ones don't. Only what is set is written,
 * so that the planner sees which index serves. A memory is in every session that it was said in. Where a scope has places,
 * any of them is enough, and says in which project.
 *
 * @param table alias of a table with the scope's columns: `m` of memories, `e` of extractions.
 * @param first number of the first parameter.
 * @param use `find` lets an index look for the scope's rows; `check` keeps it from doing so, where the rows
 *   are known by their ids and a scope may have very many.
 */
export function scopeFilter(
  ids: ScopeIds,
  table: "m" | "e",
  first: number,
  use: "find" | "check" = "find",
): ScopeFilter {
  if (ids.places) {
    const places = placeFilter(ids.places, first);
    const met = `(${places.conditions.join(" or ") || "false"})`;
    return {
      text: use === "find" ? `and ${met}` : `and ${met} is true`,
      values: places.values,
      shape: places.shape,
      layer: `, ${layerOf(ids.places, places)} as layer`,
    };
  }
  const members: [string, unknown][] = [
    ["subject_id", ids.subject?.id],
    ["epoch", ids.subject?.epoch],
    ["agent_id", ids.agentId],
    ["app_id", ids.appId],
    ["team_id", ids.teamId],
    ["session_id", ids.sessionId],
  ];
  const set = members.filter(([, value]) => value !== undefined);
  const condition = (column: string, parameter: string) =>
    table === "m" && column === "session_id"
      ? `exists (select from memory_sessions i where i.tenant_id = m.tenant_id and i.session_id = ${parameter}
           and i.memory_id = m.id)`
      : `${table}.${column} = ${parameter}`;
  return {
    text: set
      .map(([column], index) => condition(column, `$${first + index}`))
      .map((met) => (use === "find" ? `and ${met}` : `and (${met}) is true`))
      .join(" "),
    values: set.map(([, value]) => value),
    shape: set.map(([column]) => column.replace("_id", "")).join("_"),
    layer: "",
  };
}
