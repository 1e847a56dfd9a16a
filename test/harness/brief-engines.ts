import type { EnginesOptions } from "@mneme/local/engines.ts";

/**
 * For engines that serve tests for minutes: OpenSearch starts with half the processor's time where its Java compiles
 * once and quickly, and nothing here runs for long enough to earn what the second compiler would cost.
 */
export const BRIEF = { opensearchJava: ["-XX:TieredStopAtLevel=1"] } satisfies Partial<EnginesOptions>;
