import { timingSafeEqual } from "node:crypto";
import { invalidField, type MnemeError } from "@mneme/core/errors.ts";

const FORMAT = 1;
const TAG_BYTES = 16;

type Mac = (domain: "page", value: string) => Promise<Buffer>;

/**
 * Where a page ended, as an opaque token that holds for this tenant and these filters only. Format byte,
 * 16 bytes of keyed hash, position; base64url.
 */
export async function sealPageToken(mac: Mac, filters: unknown, position: string): Promise<string> {
  const tag = await tagOf(mac, filters, position);
  return Buffer.concat([Buffer.of(FORMAT), tag, Buffer.from(position)]).toString("base64url");
}

/**
 * @returns the position, or undefined for the first page.
 * @throws MnemeError PAGE_TOKEN_INVALID when it is broken, another tenant's or of other filters.
 */
export async function openPageToken(mac: Mac, filters: unknown, token: string): Promise<string | undefined> {
  if (token === "") return undefined;
  const bytes = Buffer.from(token, "base64url");
  const position = bytes.subarray(1 + TAG_BYTES).toString("utf8");
  const tag = bytes.subarray(1, 1 + TAG_BYTES);
  const whole = bytes.length > 1 + TAG_BYTES && bytes[0] === FORMAT;
  if (!whole || !timingSafeEqual(tag, await tagOf(mac, filters, position))) {
    throw pageTokenInvalid();
  }
  return position;
}

export function pageTokenInvalid(): MnemeError {
  return invalidField(
    "page_token",
    "is broken or belongs to a list with other filters; start again without it",
    "PAGE_TOKEN_INVALID",
  );
}

async function tagOf(mac: Mac, filters: unknown, position: string): Promise<Buffer> {
  const tag = await mac("page", JSON.stringify([filters, position]));
  return tag.subarray(0, TAG_BYTES);
}
