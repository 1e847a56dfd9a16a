import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  ProfileGroupNameSchema,
  type ProfileGroupName as WireGroupName,
  type ProfileLine as WireLine,
} from "@mneme/proto/mneme/search/v1/profile_pb.js";
import type {
  GetProfileRequestSchema,
  GetProfileResponse,
} from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import type { ProfileOptions } from "../scope-options.ts";
import { timesToWire } from "../times.ts";
import type { Profile, ProfileGroupName, ProfileLine } from "../types/profile.ts";
import type { Scope } from "../types/scope.ts";
import { enumCodec } from "./enum.ts";
import { freshnessToWire } from "./freshness.ts";
import { kinds, origins } from "./memory.ts";
import { scopeToWire } from "./scope.ts";
import { toDate } from "./time.ts";

const groupNames = enumCodec<ProfileGroupName, WireGroupName>(ProfileGroupNameSchema);

export function profileRequest(
  scope: Scope,
  options: ProfileOptions,
): MessageInitShape<typeof GetProfileRequestSchema> {
  return {
    scope: scopeToWire(scope),
    categories: [...(options.categories ?? [])],
    maxLines: options.maxLines ?? 0,
    tokenBudget: options.tokenBudget ?? 0,
    model: options.model ?? "",
    atLeastAsFresh: freshnessToWire(options.atLeastAsFresh),
    ...timesToWire(options),
  };
}

export function profileFromWire({ groups, tokens, tokenizer, leftOut }: GetProfileResponse): Profile {
  return {
    groups: groups.map(({ name, lines }) => ({
      name: groupNames.fromWire(name),
      lines: lines.map(lineFromWire),
    })),
    tokens,
    tokenizer,
    leftOut: {
      limit: leftOut?.limit ?? 0,
      budget: leftOut?.budget ?? 0,
      outdated: leftOut?.outdated ?? 0,
      notRead: leftOut?.notRead ?? 0,
    },
  };
}

function lineFromWire(line: WireLine): ProfileLine {
  return {
    text: line.text,
    kind: kinds.fromWire(line.kind),
    category: line.category,
    confidence: line.confidence,
    origin: origins.fromWire(line.origin),
    memoryIds: [...line.memoryIds],
    messageIds: [...line.messageIds],
    since: toDate(line.since),
    lastSaidAt: toDate(line.lastSaidAt),
  };
}
