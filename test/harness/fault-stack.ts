import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { type Engines, startEngines } from "@mneme/local/engines.ts";
import { BRIEF } from "./brief-engines.ts";
import { startTestStack, type TestStack } from "./test-stack.ts";

/** A stack whose engines are its own, for a suite that kills them. */
export interface FaultStack extends TestStack {
  readonly engines: Engines;
}

/**
 * Starts engines, whatever runs elsewhere, and a stack on them.
 *
 * @param name of its folder; no two suites may share it.
 */
export async function startFaultStack(name: string): Promise<FaultStack> {
  const dataDir = join(ROOT, ".mneme-test", name);
  const engines = await startEngines({ dataDir, ports: {}, external: {}, ...BRIEF });
  try {
    const stack = await startTestStack({
      supervisor: engines.supervisor,
      dataDir,
      postgresUrl: engines.postgres.url,
      opensearchUrl: engines.opensearch.url,
      temporalAddress: engines.temporal.address,
      temporalNamespace: engines.temporal.namespace,
      modelDir: process.env.MNEME_MODEL_DIR ?? "",
    });
    const dispose = async () => {
      try {
        await stack[Symbol.asyncDispose]();
      } finally {
        await engines[Symbol.asyncDispose]();
      }
    };
    return { ...stack, engines, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await engines[Symbol.asyncDispose]();
    throw error;
  }
}
