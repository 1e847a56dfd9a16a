import type { SettingsPatch } from "@mneme/sdk";
import { UsageError } from "../failure.ts";
import { clean } from "../output/text.ts";
import { isObject } from "./checked.ts";

type Parser = (words: readonly string[]) => unknown;

const text: Parser = (words) => words.join(" ");
const list: Parser = (words) => words;
const categories: Parser = (words) => words.map(categoryOf);

/** What one word can set, by its path; programs know them by the same names in camel case. */
const PARSERS: ReadonlyMap<string, Parser> = new Map([
  ["extraction.instructions", text],
  ["extraction.categories", categories],
  ["extraction.include_categories", list],
  ["extraction.exclude_categories", list],
  ["extraction.exclude_sensitive", list],
  ["ranking.recipe", text],
  ["ranking.weights", weights],
  ["ranking.recency", text],
  ["ranking.max_days", number],
  ["ranking.rrf_k", number],
  ["ranking.rerank", onOrOff],
  ["ranking.rerank_candidates", number],
  ["ranking.origins", origins],
  ["retention.message_days", number],
  ["retention.memory_days", number],
  ["retention.memories_per_scope", number],
  ["retention.most_recent", mostRecent],
  ["retention.when_full", text],
  ["consolidation.after_days", number],
  ["models.extractor", text],
  ["models.extractor_model", text],
  ["models.reconcile_model", text],
  ["models.consolidate_model", text],
  ["models.messages_per_call", number],
  ["models.embedder", text],
  ["models.batch", text],
  ["budget.monthly_microdollars", number],
  ["budget.monthly_tokens", number],
  ["budget.when_spent", text],
  ["review.rules", reviewRules],
  ["ageing.semantic_half_life_days", number],
  ["ageing.episodic_half_life_days", number],
  ["ageing.procedural_half_life_days", number],
  ["ageing.archive_below", number],
  ["ageing.archive_inactive_days", number],
  ["ageing.rank_by_strength", onOrOff],
  ["graph_enabled", onOrOff],
  ["language", text],
]);

/** Every path, in the order of the product's own settings. */
export const SETTING_PATHS = [...PARSERS.keys()];

/** A change of one setting. @throws UsageError for what can't be set, or not to that. */
export function setting(path: string, words: readonly string[]): SettingsPatch {
  const parse = PARSERS.get(snake(path));
  if (!parse) throw unknown(path);
  if (words.length === 0) throw new UsageError(`say to what: mneme admin settings set ${snake(path)} VALUE`);
  return at(path, parse(words));
}

/** A change that leaves these settings, or groups of them, to the next level. @throws UsageError for unknown ones. */
export function clearedSetting(paths: readonly string[]): SettingsPatch {
  const whole = new Set(SETTING_PATHS.flatMap((path) => [path, path.split(".")[0]]));
  const groups = new Set(paths.map(snake).filter((path) => !path.includes(".")));
  const patch: Record<string, unknown> = {};
  for (const path of paths.map(snake)) {
    if (!whole.has(path)) throw unknown(path);
    const [group = "", member] = path.split(".");
    if (member === undefined || groups.has(group)) patch[camel(group)] = null;
    else patch[camel(group)] = { ...(patch[camel(group)] as object), [camel(member)]: null };
  }
  return patch;
}

/** Settings of a file; keys may be written in snake case. @throws UsageError where it is no JSON object. */
export function parseSettings(content: string): SettingsPatch {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw new UsageError("the settings are not valid JSON", { cause });
  }
  if (isObject(parsed)) return camelKeys(parsed) as SettingsPatch;
  throw new UsageError('the settings must be a JSON object such as {"ranking": {"recency": "off"}}');
}

function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [camel(name), camelKeys(member)]));
}

function at(path: string, value: unknown): SettingsPatch {
  const [group = "", member] = path.split(".").map(camel);
  return { [group]: member === undefined ? value : { [member]: value } };
}

function number(words: readonly string[]): number {
  const [word = ""] = words;
  const value = Number(word);
  if (words.length === 1 && word.trim() !== "" && Number.isFinite(value)) return value;
  throw new UsageError("this setting takes one number");
}

function onOrOff(words: readonly string[]): boolean {
  const [word = ""] = words;
  if (words.length === 1 && ["on", "true"].includes(word)) return true;
  if (words.length === 1 && ["off", "false"].includes(word)) return false;
  throw new UsageError("this setting is on or off");
}

const ARMS = ["semantic", "keyword", "entity"];

function weights(words: readonly string[]): Record<string, number> {
  const pairs = amounts(words);
  const named = new Map(pairs);
  if (pairs.length === ARMS.length && ARMS.every((arm) => Number.isFinite(named.get(arm))))
    return Object.fromEntries(pairs);
  throw new UsageError("this setting takes three shares: semantic=.6 keyword=.25 entity=.15");
}

function mostRecent(words: readonly string[]): unknown {
  const pairs = amounts(words);
  if (pairs.every(([category, keep]) => category !== "" && Number.isInteger(keep)))
    return pairs.map(([category, keep]) => ({ category, keep }));
  throw new UsageError("this setting takes numbers by category: meals=10 travel=50");
}

const ORIGINS = ["stated", "inferred", "tool"];

function origins(words: readonly string[]): Record<string, number> {
  const pairs = amounts(words);
  if (pairs.every(([origin, factor]) => ORIGINS.includes(origin) && Number.isFinite(factor)))
    return Object.fromEntries(pairs);
  throw new UsageError("this setting takes factors by origin: stated=1 inferred=.8 tool=.9");
}

/** Words of the form NAME=AMOUNT. */
function amounts(words: readonly string[]): (readonly [string, number])[] {
  return words
    .map((word) => word.split("="))
    .map(([name = "", amount = ""]) => [name, amount === "" ? Number.NaN : Number(amount)] as const);
}

const RULE =
  /^(semantic|episodic|procedural)?(?:\/([^=]+))?=(\d+)(?:,(downgrade|archive|remove)(?:,(archive|remove))?)?$/;

/** Each as `KIND/CATEGORY=DAYS,WHEN_STALE,AT_FLOOR`; all but the days may be left out. */
function reviewRules(words: readonly string[]): unknown {
  return words.map((word) => {
    const [, kind, category, days, whenStale, atFloor] = RULE.exec(word) ?? [];
    if (days !== undefined) return { kind, category, days: Number(days), whenStale, atFloor };
    throw new UsageError(
      "this setting takes rules: episodic/plans=1,archive /health=180,downgrade semantic=365",
    );
  });
}

function categoryOf(word: string): { name: string; description: string } {
  const at = word.indexOf("=");
  return at < 0
    ? { name: word, description: "" }
    : { name: word.slice(0, at), description: word.slice(at + 1) };
}

function unknown(path: string): UsageError {
  return new UsageError(`there is no setting ${clean(path)}; known are ${SETTING_PATHS.join(", ")}`);
}

const camel = (name: string) => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
