import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { readCases } from "./cases.ts";
import { Matrix } from "./matrix.ts";
import { simulate } from "./simulate.ts";

/**
 * Reconciling without the engines: `node test/bench/mind/lab.ts [FOLDER] [--failed]`. Extraction, embedding and the rules
 * are the product's; the record is a list. `bench:mind` has the last word.
 */
const folder = process.argv.slice(2).find((one) => !one.startsWith("--"));
await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
const matrix = new Matrix();
const extractor = createEmbeddedExtractor();
const only = process.argv.find((one) => one.startsWith("--only="))?.slice(7);
for (const one of await readCases(folder)) {
  if (only && !one.id.includes(only)) continue;
  const outcome = await simulate(one, extractor, embedder);
  matrix.count(one, outcome);
  const isWrong = outcome.wrong.length > 0 || !one.expect.includes(outcome.label);
  if (isWrong && process.argv.includes("--failed")) {
    console.log(`\n${one.id}: ${one.expect.join("|")} but ${outcome.label} ${outcome.wrong.join("; ")}`);
    for (const { text, by } of one.before) console.log(`   - ${by ?? ""}: ${text}`);
    for (const { text, by, role } of one.now) console.log(`   > ${by ?? role}: ${text}`);
    for (const line of outcome.log) console.log(`     ${line}`);
  }
}
console.log(matrix.toString());
