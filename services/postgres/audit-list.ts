import type { AuditFilter, AuditListing, AuditReader } from "@mneme/core/audit/audit-store.ts";
import type { ChainedEvent } from "@mneme/core/audit/event.ts";
import type pg from "pg";
import {
  beginningOf,
  lookQuery,
  MOST_PLACES,
  type Names,
  type Place,
  parsePlace,
  placesQuery,
  printPlace,
} from "./audit-places.ts";
import { type ChainedRow, EVENT_COLUMNS, toChained } from "./audit-rows.ts";
import type { MacDomain } from "./database.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Fence } from "./reach.ts";
import { type Query, readTogether } from "./read-together.ts";

export type Mac = (domain: MacDomain, value: string) => Promise<Buffer>;

/** Places of somebody or something whose events one look reads, of the `MOST_PLACES` of a page. */
const PLACES = 1_000;

/** A page of a trail's events, newest first. What is asked for can be rare: a page can have few or none and not be the last. */
export async function listEvents(
  pool: pg.Pool,
  fence: Fence,
  reader: AuditReader,
  mac: Mac,
  { filter, pageSize, pageToken }: AuditListing,
  signal?: AbortSignal,
): Promise<{ readonly events: readonly ChainedEvent[]; readonly nextPageToken: string }> {
  const bound = [
    "audit by time",
    reader.isOfTenant ? "" : reader.projectId,
    ...Object.entries(filter).sort(),
  ];
  const token = await openPageToken(mac, bound, pageToken);
  const below = token === undefined ? beginningOf(filter.before) : parsePlace(token);
  const within =
    (behind: Fence): Read =>
    async (query) =>
      (await readTogether(pool, behind, [query], signal))[0];
  const most = pageSize + 1;
  const names = await namesIn(mac, filter);
  const { rows, rest } = names
    ? await readNamed(within(fence), reader, filter, names, { below, most })
    : await readLooked(within(fence), within({ tenantId: reader.tenantId }), reader, filter, { below, most });
  const last = rows.length > pageSize ? rows[pageSize - 1] : rest;
  return {
    events: rows.slice(0, pageSize).map(toChained),
    nextPageToken: last ? await sealPageToken(mac, bound, printPlace(last)) : "",
  };
}

type Read = <Row>(query: Query<Row>) => Promise<Row[]>;

interface Range {
  /** Places before this one. */
  readonly below: Place;
  readonly most: number;
}

interface Found {
  readonly rows: readonly ChainedRow[];
  /** Where to go on, unless all was looked at. */
  readonly rest: Place | undefined;
}

async function namesIn(mac: Mac, { userId, resourceId }: AuditFilter): Promise<Names | undefined> {
  if (!userId && !resourceId) return undefined;
  return { user: userId ? await mac("user", userId) : null, resourceId: resourceId || null };
}

/**
 * Events of nobody in particular.
 *
 * @param readAll sees the whole trail: of a project's reader the fence itself would look on and on for events that it shows.
 */
async function readLooked(
  read: Read,
  readAll: Read,
  reader: AuditReader,
  filter: AuditFilter,
  range: Range,
): Promise<Found> {
  const { action, apiKeyId, code } = filter;
  const mayMiss = !reader.isOfTenant || action || apiKeyId || code;
  const [rest] = mayMiss ? await readAll(lookQuery(reader, filter, range.below)) : [];
  return { rows: await read(rangeQuery(reader, filter, range, rest)), rest };
}

/** Events of what is named, a part of its places at a time: what else is asked for can leave none of very many. */
async function readNamed(
  read: Read,
  reader: AuditReader,
  filter: AuditFilter,
  names: Names,
  { below, most }: Range,
): Promise<Found> {
  const all = await read(placesQuery(reader, filter, names, below));
  const rows: ChainedRow[] = [];
  for (let from = 0; from < all.length && rows.length < most; from += PLACES) {
    const places = all.slice(from, from + PLACES).map(({ sequence }) => sequence);
    rows.push(...(await read(namedQuery(reader, filter, places, most - rows.length))));
  }
  return { rows, rest: all.length < MOST_PLACES ? undefined : all.at(-1) };
}

function rangeQuery(
  { tenantId }: AuditReader,
  filter: AuditFilter,
  { below, most }: Range,
  to: Place = { occurred_at: filter.after ?? "-infinity", sequence: "0" },
): Query<ChainedRow> {
  const range = `(occurred_at, sequence) < ($3, $4) and (occurred_at, sequence) >= ($5, $6)`;
  const values = [below.occurred_at, below.sequence, to.occurred_at, to.sequence];
  return eventsQuery("of_range", range, filter, [tenantId, most, ...values]);
}

function namedQuery(
  { tenantId }: AuditReader,
  filter: AuditFilter,
  places: readonly string[],
  most: number,
): Query<ChainedRow> {
  return eventsQuery("of_places", "sequence = any ($3::bigint[])", filter, [tenantId, most, places]);
}

/** @param values tenant, how many events at most, and what `where` asks for. */
function eventsQuery(
  name: string,
  where: string,
  filter: AuditFilter,
  values: readonly unknown[],
): Query<ChainedRow> {
  const conditions = conditionsOf(filter);
  const texts = conditions.map(({ text }, index) => ` and ${text(`$${values.length + index + 1}`)}`);
  return {
    name: ["list_audit_events", name, ...conditions.map((condition) => condition.name)].join("_"),
    text: `select sequence, hash, ${EVENT_COLUMNS} from audit_events
           where tenant_id = $1 and ${where}${texts.join("")}
           order by occurred_at desc, sequence desc limit $2`,
    values: [...values, ...conditions.map(({ value }) => value)],
  };
}

interface Condition {
  readonly name: string;
  /** Given its parameter. */
  readonly text: (parameter: string) => string;
  readonly value: unknown;
}

/** What places do not tell. */
function conditionsOf({ action, apiKeyId, code }: AuditFilter): Condition[] {
  const given = (name: string, value: string | undefined, text: Condition["text"]): Condition[] =>
    value ? [{ name, value, text }] : [];
  return [
    ...(action?.endsWith("/")
      ? given("service", action, (p) => `starts_with(action, ${p})`)
      : given("action", action, (p) => `action = ${p}`)),
    ...given("key", apiKeyId, (p) => `api_key_id = ${p}`),
    ...given("code", code, (p) => `code = ${p}`),
  ];
}
