import { invalidField } from "@mneme/core/errors.ts";
import { folded } from "@mneme/core/extraction/sort-statements.ts";
import type { RetentionSettings } from "@mneme/core/tenancy/settings.ts";
import {
  WhenFull,
  type RetentionSettings as WireRetention,
} from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { keyOf } from "./enum-table.ts";
import { present } from "./present.ts";

const WHEN_FULL: Readonly<Record<NonNullable<RetentionSettings["whenFull"]>, WhenFull>> = {
  archive: WhenFull.ARCHIVE,
  remove: WhenFull.REMOVE,
};

/** @throws MnemeError FIELD_INVALID for two rules of one category. */
export function toRetention(wire: WireRetention): RetentionSettings {
  const { messageDays, memoryDays, memoriesPerScope } = wire;
  const mostRecent = wire.mostRecent.map(({ category, keep }) => ({ category, keep }));
  if (new Set(mostRecent.map(({ category }) => folded(category))).size < mostRecent.length) {
    throw invalidField("settings.retention.most_recent", "two are of the same category; name each once");
  }
  const whenFull = keyOf(WHEN_FULL, wire.whenFull);
  return present({
    messageDays,
    memoryDays,
    memoriesPerScope,
    mostRecent: mostRecent.length > 0 ? mostRecent : undefined,
    whenFull,
  });
}

export function fromRetention({ mostRecent = [], whenFull, ...retention }: RetentionSettings) {
  return present({
    ...retention,
    mostRecent: mostRecent.map((rule) => ({ ...rule })),
    whenFull: whenFull && WHEN_FULL[whenFull],
  });
}
