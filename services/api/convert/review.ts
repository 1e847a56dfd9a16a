import type { ReviewRule, ReviewSettings } from "@mneme/core/tenancy/settings.ts";
import type {
  ReviewSettings as WireReview,
  ReviewRule as WireRule,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { fromKind, toSetKind } from "./memory.ts";
import { present } from "./present.ts";

export function toReview({ rules }: WireReview): ReviewSettings {
  return rules.length > 0 ? { rules: rules.map(toRule) } : {};
}

function toRule({ kind, category, days }: WireRule): ReviewRule {
  return { ...present({ kind: toSetKind(kind), category: category || undefined }), days };
}

export function fromReview({ rules = [] }: ReviewSettings) {
  return {
    rules: rules.map(({ kind, category = "", days }) => {
      return { ...present({ kind: kind && fromKind(kind) }), category, days };
    }),
  };
}
