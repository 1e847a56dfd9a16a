import type { WorkflowHandle } from "@temporalio/client";
import type { TestTemporal } from "../testing/temporal.ts";

/** A run worth remembering. */
export type Scenario = (temporal: TestTemporal) => Promise<WorkflowHandle>;

/** Runs by the names that their histories are kept by. */
export type Scenarios = Readonly<Record<string, Scenario>>;

/** Stands in every text and every error of the scenarios, and so in no history. */
export const PLANTED = "Rosalind keeps otters";

/** Tenants of runs that go through several. */
export const TENANTS = ["0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"];
