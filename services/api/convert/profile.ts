import { create } from "@bufbuild/protobuf";
import type { Profile, ProfileCommand } from "@mneme/core/profile/get-profile.ts";
import type { ProfileGroupName, ProfileLine } from "@mneme/core/profile/profile.ts";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import {
  ProfileLineSchema,
  type ProfileLine as WireLine,
  ProfileGroupName as WireName,
} from "@mneme/proto/mneme/search/v1/profile_pb.js";
import {
  type GetProfileRequest,
  type GetProfileResponse,
  GetProfileResponseSchema,
} from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { fromKind, fromOrigin } from "./memory.ts";
import { toScope } from "./scope.ts";
import { fromDate, toTimes } from "./time.ts";

const NAMES: Readonly<Record<ProfileGroupName, WireName>> = {
  identity: WireName.IDENTITY,
  home: WireName.HOME,
  work: WireName.WORK,
  people: WireName.PEOPLE,
  health: WireName.HEALTH,
  preferences: WireName.PREFERENCES,
  routines: WireName.ROUTINES,
  plans: WireName.PLANS,
  other: WireName.OTHER,
};

const DEFAULT_LINES = 60;

export function toProfileCommand(request: GetProfileRequest, deadline: Date): ProfileCommand {
  return {
    scope: toScope(request.scope as Scope),
    categories: request.categories,
    maxLines: request.maxLines || DEFAULT_LINES,
    tokenBudget: request.tokenBudget || undefined,
    model: request.model,
    ...toTimes(request),
    atLeastAsFresh: request.atLeastAsFresh,
    deadline,
  };
}

export function fromProfile({ groups, tokens, tokenizer, leftOut }: Profile): GetProfileResponse {
  return create(GetProfileResponseSchema, {
    groups: groups.map(({ name, lines }) => ({ name: NAMES[name], lines: lines.map(fromLine) })),
    tokens,
    tokenizer,
    leftOut,
  });
}

function fromLine(line: ProfileLine): WireLine {
  return create(ProfileLineSchema, {
    text: line.text,
    kind: fromKind(line.kind),
    category: line.category,
    confidence: line.confidence,
    origin: fromOrigin(line.origin),
    memoryIds: [...line.memoryIds],
    messageIds: [...line.messageIds],
    since: fromDate(line.since),
    lastSaidAt: fromDate(line.lastSaidAt),
  });
}
