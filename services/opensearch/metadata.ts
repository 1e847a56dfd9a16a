import { createHash } from "node:crypto";
import type { MetadataValue } from "@mneme/core/memory/memory.ts";

/** Longer pairs are matched by their digest: a term holds 32,766 bytes at most, and equality is all we ask. */
const LONGEST_TERM = 256;

/**
 * A metadata pair as one exact term, `key=value` with the value as JSON, so that 1, "1" and true stay
 * different. OpenSearch's own `flat_object` makes all values strings and splits keys at dots.
 */
export function metadataTerm(key: string, value: MetadataValue): string {
  const term = `${JSON.stringify(key)}=${JSON.stringify(value)}`;
  return term.length <= LONGEST_TERM ? term : `sha256=${createHash("sha256").update(term).digest("hex")}`;
}

export function metadataTerms(metadata: Readonly<Record<string, MetadataValue>>): string[] {
  return Object.entries(metadata).map(([key, value]) => metadataTerm(key, value));
}
