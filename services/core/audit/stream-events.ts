import type { AuditReader, AuditStore } from "./audit-store.ts";
import type { ChainedEvent } from "./event.ts";
import type { TrailGrowth } from "./trail-growth.ts";

export interface StreamDeps {
  readonly audit: Pick<AuditStore, "since">;
  readonly growth: TrailGrowth;
}

const PAGE = 500;

/** Events behind a place, oldest first, as they come; or up to the trail's end, if `untilNow`. */
export async function* streamEvents(
  { audit, growth }: StreamDeps,
  reader: AuditReader,
  { after, untilNow }: { readonly after: number; readonly untilNow: boolean },
  signal: AbortSignal,
): AsyncGenerator<ChainedEvent> {
  let place = after;
  for (;;) {
    const { events, lookedTo } = await audit.since(reader, place, PAGE, signal);
    yield* events;
    if (lookedTo > place) {
      place = lookedTo;
      continue;
    }
    if (untilNow) return;
    await growth.behind(reader.tenantId, place, signal);
  }
}
