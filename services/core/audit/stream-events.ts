import type { AuditReader, AuditSignals, AuditStore } from "./audit-store.ts";
import type { ChainedEvent } from "./event.ts";

export interface StreamDeps {
  readonly audit: Pick<AuditStore, "since">;
  readonly auditSignals: AuditSignals;
}

const PAGE = 500;
/** Notices may be lost: a look every so often finds what nobody told of. */
const LOOK_MS = 2_000;

/** Events behind a place, oldest first, as they come; or up to the trail's end, if `untilNow`. */
export async function* streamEvents(
  { audit, auditSignals }: StreamDeps,
  reader: AuditReader,
  { after, untilNow }: { readonly after: number; readonly untilNow: boolean },
  signal: AbortSignal,
): AsyncGenerator<ChainedEvent> {
  let place = after;
  for (;;) {
    // Before the look, so that what comes between look and wait is told.
    const waiting = new AbortController();
    const bell = auditSignals.grown(reader.tenantId, LOOK_MS, AbortSignal.any([signal, waiting.signal]));
    bell.catch(() => undefined);
    try {
      const { events, lookedTo } = await audit.since(reader, place, PAGE, signal);
      yield* events;
      const hasMore = lookedTo > place;
      place = Math.max(place, lookedTo);
      if (hasMore) continue;
      if (untilNow) return;
      await bell;
    } finally {
      waiting.abort();
    }
  }
}
