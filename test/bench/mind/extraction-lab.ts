import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { type ExtractionScore, extractionFigures, scoreExtraction } from "./extraction.ts";
import { playConversation } from "./play-conversation.ts";
import { goldConversation } from "./written-case.ts";

/**
 * `node test/bench/mind/extraction-lab.ts [FOLDER] [--failed] [--totals]`: what the embedded extractor keeps of
 * the gold conversations, without the engines. `--failed` prints what it misses and what it had better not keep,
 * `--totals` the last line alone.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { failed: { type: "boolean" }, totals: { type: "boolean" } },
});
const folder = positionals[0] ?? path.join(import.meta.dirname, "conversations");
const extractor = createEmbeddedExtractor();
const scores: ExtractionScore[] = [];

console.log(
  `${"".padEnd(24)}${["facts", "recall", "kept", "precision", "wrong", "junk"].map((name) => name.padStart(10)).join("")}`,
);
for (const name of readdirSync(folder).sort()) {
  const conversation = goldConversation.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8")));
  const statements = await playConversation(conversation, extractor);
  const score = scoreExtraction(
    conversation,
    statements.map(({ text }) => text),
  );
  scores.push(score);
  if (values.totals) continue;
  console.log(line(conversation.id, [score]));
  if (values.failed) report(score);
}
console.log(line("all", scores));

function line(name: string, of: readonly ExtractionScore[]): string {
  const { facts, recall, statements, precision, wrong, junk } = extractionFigures(of);
  const figures = [facts, recall.toFixed(1), statements, precision.toFixed(1), wrong, junk];
  return name.padEnd(24) + figures.map((figure) => String(figure).padStart(10)).join("");
}

function report({ missed, statements }: ExtractionScore): void {
  for (const fact of missed) console.log(`  missed  ${fact}`);
  for (const { verdict, text } of statements)
    if (verdict === "wrong" || verdict === "junk") console.log(`  ${verdict.padEnd(6)}  ${text}`);
}
