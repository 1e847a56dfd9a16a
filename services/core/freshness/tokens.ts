import { createHmac, timingSafeEqual } from "node:crypto";
import { invalidField } from "../errors.ts";
import type { Freshness, FreshnessTokens } from "./freshness.ts";

const FORMAT = 1;
const TAG_BYTES = 16;
const UUID_BYTES = 16;
/** More extractions than this are named by the first and the last of them: a token stays short. */
export const MAX_NAMED_EXTRACTIONS = 20;

const KIND = { extraction: 1, revision: 2, extraction_range: 3 } as const;

/**
 * Tokens of at most 512 characters: format byte, 16 bytes of HMAC-SHA-256 over project and payload, payload;
 * base64url.
 *
 * @param secret at least 32 bytes, the same in every process and after every start.
 */
export function createFreshnessTokens(secret: Uint8Array): FreshnessTokens {
  if (secret.length < 32) throw new RangeError("the secret of freshness tokens needs 32 bytes");
  const tagOf = ({ tenantId, projectId }: Parameters<FreshnessTokens["open"]>[0], payload: Uint8Array) =>
    createHmac("sha256", secret)
      .update(`freshness\0${tenantId}\0${projectId}\0`)
      .update(payload)
      .digest()
      .subarray(0, TAG_BYTES);
  return {
    seal(project, freshness) {
      const payload = encode(freshness);
      return Buffer.concat([Buffer.of(FORMAT), tagOf(project, payload), payload]).toString("base64url");
    },
    open(project, token) {
      const bytes = Buffer.from(token, "base64url");
      const tag = bytes.subarray(1, 1 + TAG_BYTES);
      const payload = bytes.subarray(1 + TAG_BYTES);
      const whole = bytes[0] === FORMAT && payload.length > 1;
      if (!whole || !timingSafeEqual(tag, tagOf(project, payload))) throw broken();
      return decode(payload);
    },
  };
}

function encode(freshness: Freshness): Buffer {
  switch (freshness.type) {
    case "revision": {
      const bytes = Buffer.alloc(9 + 2 * freshness.buckets.length);
      bytes[0] = KIND.revision;
      bytes.writeBigUInt64BE(freshness.revision, 1);
      freshness.buckets.forEach((bucket, place) => {
        bytes.writeUInt16BE(bucket, 9 + 2 * place);
      });
      return bytes;
    }
    case "extraction_range":
      return Buffer.concat([
        Buffer.of(KIND.extraction_range),
        uuidBytes(freshness.firstId),
        uuidBytes(freshness.lastId),
      ]);
    case "extraction": {
      const ids = freshness.extractionIds;
      if (ids.length <= MAX_NAMED_EXTRACTIONS) {
        return Buffer.concat([Buffer.of(KIND.extraction), ...ids.map(uuidBytes)]);
      }
      const sorted = ids.toSorted();
      const [firstId, lastId] = [sorted[0] as string, sorted.at(-1) as string];
      return encode({ type: "extraction_range", firstId, lastId });
    }
  }
}

function decode(payload: Buffer): Freshness {
  const rest = payload.subarray(1);
  if (payload[0] === KIND.revision && rest.length >= 8 && rest.length % 2 === 0) {
    const buckets = Array.from({ length: (rest.length - 8) / 2 }, (_, i) => rest.readUInt16BE(8 + 2 * i));
    return { type: "revision", revision: rest.readBigUInt64BE(), buckets };
  }
  const ids: string[] = [];
  for (let at = 0; at + UUID_BYTES <= rest.length; at += UUID_BYTES) {
    ids.push(uuidText(rest.subarray(at, at + UUID_BYTES)));
  }
  const [firstId, lastId] = ids;
  if (payload[0] === KIND.extraction_range && firstId && lastId) {
    return { type: "extraction_range", firstId, lastId };
  }
  if (payload[0] === KIND.extraction) return { type: "extraction", extractionIds: ids };
  // Authentic, but of another release.
  throw broken();
}

function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  if (bytes.length !== UUID_BYTES) throw new RangeError("not a UUID");
  return bytes;
}

function uuidText(bytes: Buffer): string {
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function broken() {
  return invalidField(
    "at_least_as_fresh",
    "is not a freshness token of this project; leave it out or send one as it was given",
    "FRESHNESS_TOKEN_INVALID",
  );
}
