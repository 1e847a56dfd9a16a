import { setTimeout as pause } from "node:timers/promises";
import type { AuditReader, AuditStore } from "./audit-store.ts";
import type { ChainedEvent } from "./event.ts";

export interface StreamDeps {
  readonly audit: Pick<AuditStore, "since">;
}

const PAGE = 500;
/** Events are put into their order about as often; who streams a trail is no hurry. */
const LOOK_MS = 500;

/** Events behind a place, oldest first, as they come; or up to the trail's end, if `untilNow`. */
export async function* streamEvents(
  { audit }: StreamDeps,
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
    await pause(LOOK_MS, undefined, { signal });
  }
}
