import { readConfig } from "./config.ts";
import { startEngines } from "./engines.ts";
import { inForeground } from "./foreground.ts";

/** `npm run engines`: the engines alone, until they are told to stop. */
await inForeground(readConfig, async (config, supervisor) => {
  const engines = await startEngines({ ...config, supervisor, log: (line) => console.log(line) });
  console.log(`PostgreSQL ${engines.postgres.url}`);
  console.log(`OpenSearch ${engines.opensearch.url}`);
  console.log(`Temporal   ${engines.temporal.address} (UI ${engines.temporal.uiUrl ?? "elsewhere"})`);
});
