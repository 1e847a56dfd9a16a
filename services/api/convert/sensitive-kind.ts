import type { SensitiveCounts } from "@mneme/core/extraction/extraction.ts";
import { SENSITIVE_KINDS, type SensitiveKind } from "@mneme/core/extraction/sensitive/sensitive-kind.ts";
import { SensitiveKind as WireKind } from "@mneme/proto/mneme/extraction/v1/sensitive_kind_pb.js";

const KINDS: Readonly<Record<SensitiveKind, WireKind>> = {
  payment: WireKind.PAYMENT,
  credentials: WireKind.CREDENTIALS,
  government_id: WireKind.GOVERNMENT_ID,
  health: WireKind.HEALTH,
  contact: WireKind.CONTACT,
};

export function toSensitiveKinds(wire: readonly WireKind[]): SensitiveKind[] {
  return SENSITIVE_KINDS.filter((kind) => wire.includes(KINDS[kind]));
}

export function fromSensitiveKinds(kinds: readonly SensitiveKind[]): WireKind[] {
  return kinds.map((kind) => KINDS[kind]);
}

/** In the kinds' order. */
export function fromSensitiveCounts(counts: SensitiveCounts): { kind: WireKind; count: number }[] {
  return SENSITIVE_KINDS.flatMap((kind) => {
    const count = counts[kind];
    return count ? [{ kind: KINDS[kind], count }] : [];
  });
}
