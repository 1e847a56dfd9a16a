import type { ResourceType } from "@mneme/core/audit/event.ts";
import type { Page, PageAsked } from "@mneme/core/tenancy/page.ts";
import { openPageToken, pageTokenInvalid, sealPageToken } from "../page-token.ts";
import type { PlainTransaction } from "../plain-transaction.ts";

/** A list in one order. */
export interface Listing<Row, T> {
  /** What its rows are. */
  readonly type: ResourceType;
  readonly asked: PageAsked;
  /** What the list is of; a token holds for these alone. */
  readonly filters: readonly unknown[];
  /** Reads so many rows behind a position. */
  readonly read: (after: string | undefined, most: number) => Promise<readonly Row[]>;
  readonly positionOf: (row: Row) => string;
  readonly open: (rows: readonly Row[]) => Promise<readonly T[]> | readonly T[];
}

/** An id, behind a time where the list is in another order. Who knows how may make a token whose hash has no key. */
const POSITION = /^(\d{1,18}\/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One page of a list. @throws MnemeError PAGE_TOKEN_INVALID. */
export async function readPage<Row extends { readonly id: string }, T>(
  { mac, audit }: Pick<PlainTransaction, "mac" | "audit">,
  { type, asked, filters, read, positionOf, open }: Listing<Row, T>,
): Promise<Page<T>> {
  const after = await openPageToken(mac, filters, asked.pageToken);
  if (after !== undefined && !POSITION.test(after)) throw pageTokenInvalid();
  const rows = await read(after, asked.pageSize + 1);
  const shown = rows.slice(0, asked.pageSize);
  audit?.touches(type, ...shown.map(({ id }) => id));
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    items: await open(shown),
    nextPageToken: last ? await sealPageToken(mac, filters, positionOf(last)) : "",
  };
}
