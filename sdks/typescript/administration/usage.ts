import type { Client } from "@connectrpc/connect";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { UsagePeriod } from "@mneme/proto/mneme/tenancy/v1/usage_pb.js";
import type { Caller, CallOptions } from "../caller.ts";
import { budgetsFromWire, usageFromWire } from "../convert/usage.ts";
import { Pages } from "../pages.ts";
import type { ModelUsage, ProjectBudgets } from "../types/usage.ts";
import type { PageOptions } from "./projects.ts";

/** Which usage. */
export interface ListUsageOptions extends PageOptions {
  /** First day, UTC, `2026-03-01`; the first of this month if unset. */
  readonly from?: string | undefined;
  /** Last day; today if unset. */
  readonly to?: string | undefined;
  /** By month if unset. */
  readonly by?: "day" | "month" | undefined;
  /** All that the key sees if unset. */
  readonly projectId?: string | undefined;
}

/** What models took and cost. A key of one project sees that project alone. */
export class Usage {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenancyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenancyService);
  }

  /** Oldest period first, by project, model and purpose. @throws InvalidArgumentError for a day that there is not. */
  list(options: ListUsageOptions = {}): Pages<ModelUsage> {
    const { from: fromDay = "", to: toDay = "", by, projectId = "", pageSize = 0 } = options;
    const period = by === "day" ? UsagePeriod.DAY : UsagePeriod.MONTH;
    return new Pages(async (pageToken) => {
      const request = { fromDay, toDay, period, projectId, pageSize, pageToken };
      const { usage, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listUsage(request, call),
      );
      return { items: usage.map(usageFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /** This month's budgets of a project, that of the key if unset. @throws NotFoundError */
  async budget(projectId = "", options: CallOptions = {}): Promise<ProjectBudgets> {
    const answer = await this.#caller.call(options, (call) => this.#rpc.getBudget({ projectId }, call));
    return budgetsFromWire(answer);
  }
}
