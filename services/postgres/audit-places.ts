import type { AuditFilter, AuditReader } from "@mneme/core/audit/audit-store.ts";
import type { Query } from "./read-together.ts";

/** Events that one page looks at where they may not be what is asked for: the index knows when they were, and no more. */
export const MOST_LOOKED_AT = 20_000;
/**
 * Places of somebody or something that one page looks through. It asks for all of them at once: the index knows no order, so
 * finding some builds and sorts all that there are. It costs in proportion to them (300,000 took 0.4 s on two cores), once a
 * page, and this many numbers here.
 */
export const MOST_PLACES = 10_000;

/** Where a list of a trail stands: by time, and events of one millisecond by their sequence. As the record's rows have it. */
export interface Place {
  readonly occurred_at: Date | "infinity" | "-infinity";
  readonly sequence: string;
}

/** Before all others of a list, or of those before a time. */
export function beginningOf(before: Date | undefined): Place {
  return { occurred_at: before ?? "infinity", sequence: "0" };
}

/** An event's place, as a page token keeps it. */
export function printPlace({ occurred_at, sequence }: Place): string {
  return `${Number(occurred_at)}/${sequence}`;
}

/** @param printed comes from a page token, which nobody else can have written. */
export function parsePlace(printed: string): Place {
  const [time, sequence = ""] = printed.split("/");
  return { occurred_at: new Date(Number(time)), sequence };
}

/** Who or what is asked for; a person by a keyed hash. */
export interface Names {
  readonly user: Buffer | null;
  readonly resourceId: string | null;
}

/** Newest first. Of nobody there is nothing: without a person the function would ask for everybody's. */
export function placesQuery(
  { tenantId }: AuditReader,
  { after }: AuditFilter,
  { user, resourceId }: Names,
  { occurred_at, sequence }: Place,
): Query<Place> {
  const values = [resourceId, after ?? "-infinity", occurred_at, sequence, MOST_PLACES];
  return user
    ? {
        name: "audit_places_of_user",
        text: `select p.occurred_at, p.sequence from subjects s, audit_places_of(s.id, $1, $2, $3, $4, $5) p
               where s.tenant_id = $6 and s.user_mac = $7`,
        values: [...values, tenantId, user],
      }
    : {
        name: "audit_places_of_resource",
        text: "select occurred_at, sequence from audit_places_of(null, $1, $2, $3, $4, $5)",
        values,
      };
}

/** The last place that a page looks at; none where the trail or the time asked for ends before. */
export function lookQuery(
  { tenantId }: AuditReader,
  { after }: AuditFilter,
  { occurred_at, sequence }: Place,
): Query<Place> {
  return {
    name: "audit_look",
    text: `select occurred_at, sequence from audit_events
           where tenant_id = $1 and (occurred_at, sequence) < ($2, $3) and occurred_at >= $4
           order by occurred_at desc, sequence desc offset $5 limit 1`,
    values: [tenantId, occurred_at, sequence, after ?? "-infinity", MOST_LOOKED_AT - 1],
  };
}
