import type { IndexFilter } from "@mneme/core/search/memory-index.ts";
import type { DateRange } from "@mneme/core/search/named-dates.ts";
import type { Place } from "@mneme/core/tenancy/scope.ts";
import { OPEN_END } from "./document.ts";
import { metadataTerm } from "./metadata.ts";

type Clause = Readonly<Record<string, unknown>>;

/**
 * The filter as clauses of a `bool.filter`, the tenant first. Only exact terms and ranges come out,
 * whatever the values hold: nothing here is parsed as a query, pattern or script.
 * @param now what "still true" and "not expired" are measured by.
 */
export function filterClauses(filter: IndexFilter, now: Date): Clause[] {
  return [
    term("tenant_id", filter.tenantId),
    ...(filter.places ? [anyPlace(filter.places)] : [term("project_id", filter.projectId)]),
    ...optionalTerm("subject_id", filter.subjectId),
    ...optionalTerm("subject_epoch", filter.subjectEpoch),
    ...optionalTerm("agent_id", filter.agentId),
    ...optionalTerm("app_id", filter.appId),
    ...optionalTerm("team_id", filter.teamId),
    ...ofTeams(filter.teams),
    ...optionalTerm("audience", filter.audience),
    ...optionalTerm("session_id", filter.sessionId),
    ...optionalTerms("kind", filter.kinds),
    ...optionalTerms("category", filter.categories),
    ...Object.entries(filter.metadata ?? {}).map(([key, value]) =>
      term("metadata", metadataTerm(key, value)),
    ),
    ...saidBetween(filter.saidAfter, filter.saidBefore),
    ...(filter.withEnded && !filter.asOf ? [] : validAt(filter.asOf, now)),
    ...knownAt(filter.knownAt),
    after("expires_at", now),
  ];
}

/** Of no team, or of one of these. */
function ofTeams(teams: readonly string[] | undefined): Clause[] {
  if (teams === undefined) return [];
  return oneOf("team_id", [null, ...teams]);
}

/** Each place under the name of its layer, which the engine tells of each hit. */
function anyPlace(places: readonly Place[]): Clause {
  const should = places.map((place) => ({ bool: { _name: place.layer, filter: placeClauses(place) } }));
  return { bool: { should, minimum_should_match: 1 } };
}

function placeClauses({ projectId, subject, agentIds, appIds, teamIds, sessionId }: Place): Clause[] {
  return [
    term("project_id", projectId),
    ...(subject === null ? [without("subject_id")] : []),
    ...optionalTerm("subject_id", subject?.id),
    ...optionalTerm("subject_epoch", subject?.epoch),
    ...oneOf("agent_id", agentIds),
    ...oneOf("app_id", appIds),
    ...oneOf("team_id", teamIds),
    ...optionalTerm("session_id", sessionId),
  ];
}

/** `null` is a document without the field. */
function oneOf(field: string, ids: readonly (string | null)[] | undefined): Clause[] {
  if (ids === undefined) return [];
  const known = ids.filter((id) => id !== null);
  const should = [
    ...(ids.includes(null) ? [without(field)] : []),
    ...(known.length > 0 ? [{ terms: { [field]: known } }] : []),
  ];
  return [{ bool: { should, minimum_should_match: 1 } }];
}

function without(field: string): Clause {
  return { bool: { must_not: { exists: { field } } } };
}

/** Today's truth may begin later (a plan is one); the truth of an earlier moment had begun by then. */
function validAt(asOf: Date | undefined, now: Date): Clause[] {
  if (asOf === undefined) return [after("valid_to", now)];
  return [notAfter("valid_from", asOf), after("valid_to", asOf)];
}

/** What is known now is what has no end of record at all: no clock takes part. */
function knownAt(moment: Date | undefined): Clause[] {
  if (moment === undefined) return [term("recorded_to", OPEN_END)];
  return [notAfter("recorded_from", moment), after("recorded_to", moment)];
}

function saidBetween(from: Date | undefined, to: Date | undefined): Clause[] {
  if (from === undefined && to === undefined) return [];
  const bounds = {
    ...(from && { gte: from.getTime() }),
    ...(to && { lt: to.getTime() }),
  };
  return [{ range: { said_at: bounds } }];
}

/** Said in one of these times, `[from, to)` each, or so since one. */
export function withinAny(ranges: readonly DateRange[]): Clause {
  const should = ranges.flatMap(({ from, to }) => [
    ...saidBetween(from, to),
    { range: { valid_from: { gte: from.getTime(), lt: to.getTime() } } },
  ]);
  return { bool: { should, minimum_should_match: 1 } };
}

function after(field: string, moment: Date): Clause {
  return { range: { [field]: { gt: moment.getTime() } } };
}

function notAfter(field: string, moment: Date): Clause {
  return { range: { [field]: { lte: moment.getTime() } } };
}

function term(field: string, value: string | number): Clause {
  return { term: { [field]: value } };
}

function optionalTerm(field: string, value: string | number | undefined): Clause[] {
  return value === undefined ? [] : [term(field, value)];
}

function optionalTerms(field: string, values: readonly string[] | undefined): Clause[] {
  return values === undefined ? [] : [{ terms: { [field]: values } }];
}
