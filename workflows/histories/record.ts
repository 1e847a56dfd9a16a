import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openTestTemporal } from "../testing/temporal.ts";
import { SCENARIOS } from "./scenarios.ts";

// `node workflows/histories/record.ts [SCENARIO...]`: runs scenarios on the engines that tests run on and keeps their
// histories. Histories that were recorded stay as long as runs like them may be open somewhere: add a scenario when
// workflow code changes, rather than recording an old one again.
const names = process.argv.slice(2);
await using temporal = await openTestTemporal();
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const handle = await scenario(temporal);
  const history = await handle.fetchHistory();
  const file = fileURLToPath(new URL(`./${name}.json`, import.meta.url));
  await writeFile(file, `${JSON.stringify(history, undefined, 1)}\n`);
  process.stdout.write(`${name}: ${history.events?.length} events\n`);
}
