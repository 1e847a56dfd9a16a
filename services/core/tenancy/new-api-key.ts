import { randomBytes } from "node:crypto";
import { hashApiKey } from "./trusted-keys.ts";

/** A secret is this and 43 characters of base64url: what leaks is found by whoever scans for it. */
export const API_KEY_PREFIX = "mneme_";
/** Characters of a secret that are shown with its key. */
const SHOWN = API_KEY_PREFIX.length + 6;

export interface NewApiKey {
  /** 256 random bits; shown once, kept nowhere. */
  readonly secret: string;
  readonly hash: Buffer;
  /** By which people recognise it. */
  readonly prefix: string;
}

export function newApiKey(): NewApiKey {
  const secret = `${API_KEY_PREFIX}${randomBytes(32).toString("base64url")}`;
  return { secret, hash: hashApiKey(secret), prefix: secret.slice(0, SHOWN) };
}
