import type { MaintenanceActivityDeps } from "../maintenance/activities.ts";

/** For suites that are about something else: no tenant wants a schedule. */
export const NO_AGEING: MaintenanceActivityDeps["ageing"] = {
  schedules: {
    due: async () => [],
    seen: async () => undefined,
    leaving: async () => undefined,
    removed: async () => undefined,
  },
  scheduler: {
    ensure: async () => undefined,
    paused: async () => "gone" as const,
    remove: async () => undefined,
  },
  plan: "",
};
