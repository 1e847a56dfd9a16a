import { type Auditor, eventOfService } from "@mneme/core/audit/auditor.ts";
import type { AuditEvent } from "@mneme/core/audit/event.ts";
import type { TrailBrokenError } from "@mneme/postgres/audit-chain.ts";
import type { Logger } from "pino";
import { describe } from "../guard.ts";
import type { WorkerMetrics } from "../metrics.ts";

/** Trails that this process has found broken and not whole since. */
export interface Breaks {
  /** Tells of it: at once, and seldom from then on. @returns after how many milliseconds to look at it again. */
  found(error: TrailBrokenError): Promise<number>;
  /** It ends where it was signed. Of one that was broken the trail itself says so from now on; nothing of any other. */
  mended(tenantId: string): Promise<void>;
  /** Whose are broken. */
  tenants(): string[];
}

interface Break {
  readonly event: AuditEvent;
  toldAt: number;
}

/** Events wait as long as it takes to see that a trail is whole again. */
const LOOK_AGAIN_MS = 2_000;
/** Where very many are broken (a record from a backup), looks at them must not crowd out the trails that are whole. */
const LOOK_MS_EACH = 50;
/** Whoever breaks trails again and again fills no log. */
const TELL_AGAIN_MS = 10 * 60_000;

export function createBreaks(
  auditor: Auditor,
  log: Logger,
  metrics: Pick<WorkerMetrics, "auditFailures">,
): Breaks {
  const breaks = new Map<string, Break>();

  function tell({ tenantId, sequence }: TrailBrokenError): void {
    metrics.auditFailures.inc({ reason: "broken" });
    log.fatal(
      { tenantId, sequence },
      "an audit trail does not end where it was signed: somebody changed it; events wait, see mneme audit verify",
    );
  }

  return {
    async found(error) {
      const { tenantId } = error;
      const known = breaks.get(tenantId);
      const event =
        known?.event ?? eventOfService({ service: "audit", action: "audit/trail_broken", code: "data_loss" });
      const isToBeTold = !known || known.toldAt + TELL_AGAIN_MS < performance.now();
      breaks.set(tenantId, { event, toldAt: isToBeTold ? performance.now() : known.toldAt });
      if (isToBeTold) tell(error);
      if (!known) await keep(tenantId, event);
      return Math.max(LOOK_AGAIN_MS, breaks.size * LOOK_MS_EACH);
    },
    async mended(tenantId) {
      const known = breaks.get(tenantId);
      if (!known) return;
      // Who broke the trail may have removed the first of the two from the inbox; the trail takes it once.
      const whole = eventOfService({ service: "audit", action: "audit/trail_whole" });
      await Promise.all([known.event, whole].map((event) => auditor.note(tenantId, event)));
      breaks.delete(tenantId);
      log.warn(
        { tenantId, brokenSince: known.event.time },
        "an audit trail ends where it was signed again; events since it was broken may be missing",
      );
    },
    tenants: () => [...breaks.keys()],
  };

  /** So that a break is told of also by a process that does not see its end. */
  function keep(tenantId: string, event: AuditEvent): Promise<void> {
    return auditor.note(tenantId, event).catch((error: unknown) => {
      log.warn({ tenantId, ...describe(error) }, "the trail's break is not noted yet");
    });
  }
}
