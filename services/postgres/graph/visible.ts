import type { Reading } from "@mneme/core/graph/graph.ts";
import { foundThen } from "../found-then.ts";
import { FENCE, NOT_EXPIRED, NOT_FENCED } from "../memory-rows.ts";
import type { TenantReader } from "../read-together.ts";
import { scopeFilter } from "../scope-filter.ts";

/** The first parameters of every statement that reads the graph: tenant, project, valid time, record time, and the scope's. */
export interface Visible {
  readonly values: readonly unknown[];
  /** Number of the first parameter behind these. */
  readonly next: number;
  /** Tells statements apart that differ in which members of the scope are set. */
  readonly shape: string;
  /** Joins the fence to `memories m`, and what it must have found: m may be read, as of when the reading is. */
  readonly join: string;
  readonly memory: string;
  /** That a table with `subject_id` holds the person's: lets its index look, where the scope names a person. */
  person(table: string): string;
  /** That a table with `recorded_from` and `recorded_to` was known. */
  known(table: string): string;
  /** That a table with `valid_from` and `valid_to` was so. */
  valid(table: string): string;
}

/**
 * How a reading is written: the same conditions as of memories that a search may show, wherever the graph is read.
 *
 * @param use as `scopeFilter`: `check` where names lead to memories, `find` where the scope's memories are sought.
 */
export function visibleTo(
  reader: TenantReader,
  { ids, asOf, knownAt }: Reading,
  use: "find" | "check" = "check",
): Visible {
  const scope = scopeFilter(ids, "m", 5, use);
  const subject = ids.subject && !ids.places ? "$5" : undefined;
  return {
    values: [reader.tenantId, reader.projectId, asOf ?? null, knownAt ?? null, ...scope.values],
    next: 5 + scope.values.length,
    shape: scope.shape,
    join: FENCE,
    memory: `m.project_id = $2 and ${NOT_EXPIRED} and ${NOT_FENCED}
      and ${foundThen({ asOf: "$3", knownAt: "$4" })}
      and ($3::timestamptz is not null or $4::timestamptz is not null or m.state = 'active') ${scope.text}`,
    person: (table) => (subject ? `and ${table}.subject_id = ${subject}` : ""),
    known: (table) => `case when $4::timestamptz is null then ${table}.recorded_to is null
      else ${table}.recorded_from <= $4 and (${table}.recorded_to is null or ${table}.recorded_to > $4) end`,
    valid: (table) => `($3::timestamptz is null or ${table}.valid_from <= $3)
      and (${table}.valid_to is null or ${table}.valid_to > coalesce($3, now()))`,
  };
}
