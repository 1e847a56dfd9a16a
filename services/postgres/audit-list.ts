import type { AuditFilter, AuditListing, AuditReader } from "@mneme/core/audit/audit-store.ts";
import type { ChainedEvent } from "@mneme/core/audit/event.ts";
import type pg from "pg";
import { type ChainedRow, EVENT_COLUMNS, toChained } from "./audit-rows.ts";
import type { MacDomain } from "./database.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Fence } from "./reach.ts";
import { type Query, readTogether } from "./read-together.ts";

export type Mac = (domain: MacDomain, value: string) => Promise<Buffer>;

/** Places of somebody or something whose events one look reads, and looks that one page takes at most. */
const PLACES = 1_000;
const MOST_LOOKS = 10;
/**
 * A page asks for all its places at once: the index knows no order, so finding some builds and sorts all that there are. It
 * costs in proportion to them (300,000 took 0.4 s on two cores), once a page, and this many numbers here.
 */
const MOST_PLACES = MOST_LOOKS * PLACES;

/** A page of a trail's events, newest first. */
export async function listEvents(
  pool: pg.Pool,
  fence: Fence,
  reader: AuditReader,
  mac: Mac,
  { filter, pageSize, pageToken }: AuditListing,
  signal?: AbortSignal,
): Promise<{ readonly events: readonly ChainedEvent[]; readonly nextPageToken: string }> {
  const bound = ["audit", reader.isOfTenant ? "" : reader.projectId, ...Object.entries(filter).sort()];
  const below = await openPageToken(mac, bound, pageToken);
  const read = async <Row>(query: Query<Row>) =>
    (await readTogether(pool, fence, [query], signal))[0] as Row[];
  const most = pageSize + 1;
  const names = await namesIn(mac, filter);
  const { rows, rest } = names
    ? await readNamed(read, reader, filter, names, { below, most })
    : { rows: await read(eventsQuery(reader, filter, { below, most })), rest: undefined };
  const events = rows.slice(0, pageSize).map(toChained);
  const last = rows.length > pageSize ? String(events.at(-1)?.sequence) : rest;
  return { events, nextPageToken: last === undefined ? "" : await sealPageToken(mac, bound, last) };
}

type Read = <Row>(query: Query<Row>) => Promise<Row[]>;

interface Names {
  readonly user: Buffer | null;
  readonly resourceId: string | null;
}

interface Range {
  /** Places before this one; undefined for all. */
  readonly below: string | undefined;
  readonly most: number;
  /** Of these alone. */
  readonly places?: readonly string[];
}

async function namesIn(mac: Mac, { userId, resourceId }: AuditFilter): Promise<Names | undefined> {
  if (!userId && !resourceId) return undefined;
  return { user: userId ? await mac("user", userId) : null, resourceId: resourceId || null };
}

/**
 * Events of what is named, a part of its places at a time: what else is asked for can leave none of very many.
 *
 * @returns also where to go on, unless all was looked at.
 */
async function readNamed(
  read: Read,
  reader: AuditReader,
  filter: AuditFilter,
  names: Names,
  { below, most }: Range,
): Promise<{ readonly rows: ChainedRow[]; readonly rest: string | undefined }> {
  const found = await read(placesQuery(reader, names, below));
  const all = found.map(({ place }) => place);
  const rows: ChainedRow[] = [];
  for (let from = 0; from < all.length && rows.length < most; from += PLACES) {
    const places = all.slice(from, from + PLACES);
    rows.push(...(await read(eventsQuery(reader, filter, { below, most: most - rows.length, places }))));
  }
  return { rows, rest: all.length < MOST_PLACES ? undefined : all.at(-1) };
}

/** Newest first. Of nobody there is nothing: without a person the function would ask for everybody's. */
function placesQuery(
  { tenantId }: AuditReader,
  { user, resourceId }: Names,
  below: string | undefined,
): Query<{ place: string }> {
  const values = [resourceId, below ?? END, MOST_PLACES];
  return user
    ? {
        name: "audit_places_of_user",
        text: `select audit_places_of(s.id, $1, $2, $3) as place from subjects s
               where s.tenant_id = $4 and s.user_mac = $5`,
        values: [...values, tenantId, user],
      }
    : {
        name: "audit_places_of_resource",
        text: "select audit_places_of(null, $1, $2, $3) as place",
        values,
      };
}

/** Behind every place. */
const END = "9223372036854775807";

interface Condition {
  readonly name: string;
  /** Given its parameter. */
  readonly text: (parameter: string) => string;
  readonly value: unknown;
}

function eventsQuery(
  { tenantId }: AuditReader,
  filter: AuditFilter,
  { below, most, places }: Range,
): Query<ChainedRow> {
  const conditions = conditionsOf(filter, places);
  const texts = conditions.map(({ text }, index) => ` and ${text(`$${index + 4}`)}`);
  return {
    name: `list_audit_events_${conditions.map(({ name }) => name).join("_")}`,
    text: `select sequence, hash, ${EVENT_COLUMNS} from audit_events
           where tenant_id = $1 and sequence < $2 ${texts.join("")} order by sequence desc limit $3`,
    values: [tenantId, below ?? END, most, ...conditions.map(({ value }) => value)],
  };
}

function conditionsOf(filter: AuditFilter, places: readonly string[] | undefined): Condition[] {
  const { after, before, action, apiKeyId, code } = filter;
  const given = (name: string, value: unknown, text: Condition["text"]): Condition[] =>
    value === undefined || value === "" ? [] : [{ name, value, text }];
  return [
    ...given("after", after, (p) => `occurred_at >= ${p}`),
    ...given("before", before, (p) => `occurred_at < ${p}`),
    ...(action?.endsWith("/")
      ? given("service", action, (p) => `starts_with(action, ${p})`)
      : given("action", action, (p) => `action = ${p}`)),
    ...given("key", apiKeyId, (p) => `api_key_id = ${p}`),
    ...given("places", places, (p) => `sequence = any (${p}::bigint[])`),
    ...given("code", code, (p) => `code = ${p}`),
  ];
}
