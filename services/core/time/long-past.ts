import { DAY_MS } from "./day.ts";

/** What happened so long before something else is known of may have been told late, and says nothing against it. */
export const LONG_PAST_MS = 366 * DAY_MS;
