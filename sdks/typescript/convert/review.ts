import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  ReviewSettingsSchema,
  ReviewSettings as WireReview,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import type { ReviewRule, ReviewSettings } from "../types/settings.ts";
import { defined, kinds } from "./memory.ts";

type Rules = { readonly rules?: readonly ReviewRule[] | null | undefined };

export function reviewToWire({ rules }: Rules): MessageInitShape<typeof ReviewSettingsSchema> {
  return {
    rules: (rules ?? []).map(({ kind, category, days }, i) => ({
      kind: kinds.toWire(kind, `settings.review.rules[${i}].kind`),
      category: category ?? "",
      days,
    })),
  };
}

export function reviewFromWire({ rules }: WireReview): ReviewSettings {
  if (rules.length === 0) return {};
  return {
    rules: rules.map(({ kind, category, days }) => ({
      ...defined({ kind: kinds.fromWire(kind), category: category || undefined }),
      days,
    })),
  };
}
