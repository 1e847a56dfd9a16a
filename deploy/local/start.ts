import { readAllSettings } from "./check-settings.ts";
import { inForeground } from "./foreground.ts";
import { startStack } from "./stack.ts";
import { removeRunFiles, summary, writePostgresUrl, writeRunFile } from "./summary.ts";

/** `npm start`: the whole stack, until it is told to stop or a part of it dies. */
const begun = performance.now();

await inForeground(
  readAllSettings,
  async (config, supervisor) => {
    const stack = await startStack(config, supervisor);
    writeRunFile(config.dataDir, stack);
    writePostgresUrl(config.dataDir, stack);
    console.log(summary(config, stack, performance.now() - begun));
  },
  (config) => removeRunFiles(config.dataDir),
);
