import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type ReviewSettingsSchema,
  WhenStaleSchema,
  type ReviewSettings as WireReview,
  type WhenStale as WireWhenStale,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import type { ReviewRule, ReviewSettings } from "../types/settings.ts";
import { enumCodec } from "./enum.ts";
import { defined, kinds } from "./memory.ts";

type Rules = { readonly rules?: readonly ReviewRule[] | null | undefined };
type Stale = NonNullable<ReviewRule["whenStale"]>;

const whenStale = enumCodec<Stale, WireWhenStale>(WhenStaleSchema);

export function reviewToWire({ rules }: Rules): MessageInitShape<typeof ReviewSettingsSchema> {
  return {
    rules: (rules ?? []).map(({ kind, category, days, factor, floor, ...rule }, i) => ({
      kind: kinds.toWire(kind, `settings.review.rules[${i}].kind`),
      category: category ?? "",
      days,
      whenStale: whenStale.toWire(rule.whenStale, `settings.review.rules[${i}].when_stale`),
      atFloor: whenStale.toWire(rule.atFloor, `settings.review.rules[${i}].at_floor`),
      ...defined({ factor, floor }),
    })),
  };
}

export function reviewFromWire({ rules }: WireReview): ReviewSettings {
  if (rules.length === 0) return {};
  return {
    rules: rules.map(({ kind, category, days, factor, floor, ...rule }) => ({
      ...defined({
        kind: kinds.fromWire(kind),
        category: category || undefined,
        whenStale: whenStale.fromWire(rule.whenStale),
        atFloor: whenStale.fromWire(rule.atFloor) as ReviewRule["atFloor"],
        factor,
        floor,
      }),
      days,
    })),
  };
}
