import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { Supervisor } from "@mneme/local/supervise.ts";
import { type StackSettings, startTestStack, type TestStack } from "./test-stack.ts";

/** A suite's own api and worker; `logFolder` holds what they write. */
export interface OwnStack extends TestStack {
  readonly logFolder: string;
}

/**
 * Starts an api and a worker with settings of their own on the engines that the runner has started.
 *
 * @param name of its folder; no two suites may share it.
 * @throws Error outside the runner.
 */
export async function startOwnStack(name: string, env: StackSettings): Promise<OwnStack> {
  const dataDir = join(ROOT, ".mneme-test", name);
  const supervisor = await Supervisor.open(dataDir);
  try {
    const stack = await startTestStack({
      supervisor,
      dataDir,
      opensearchUrl: setting("MNEME_OPENSEARCH_URL"),
      temporalAddress: setting("MNEME_TEMPORAL_ADDRESS"),
      temporalNamespace: setting("MNEME_TEMPORAL_NAMESPACE"),
      modelDir: setting("MNEME_MODEL_DIR"),
      env,
    });
    return {
      ...stack,
      logFolder: join(dataDir, "logs"),
      async [Symbol.asyncDispose]() {
        await stack[Symbol.asyncDispose]();
        await supervisor[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`This suite needs the engines that \`npm test\` starts: ${name} is not set.`);
  return value;
}
