import type { Statement } from "../extractor.ts";
import type { Asks, Requests } from "../forgetting/requests.ts";
import type { NotKept } from "../ingest-store.ts";
import { folded } from "../sort-statements.ts";
import { sensitiveKindOf } from "./find-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

/** A statement that is not kept, and for which of its contents. */
export interface DroppedStatement {
  readonly statement: Statement;
  readonly kind: SensitiveKind;
}

export interface SortedBySensitivity {
  readonly kept: readonly Statement[];
  readonly dropped: readonly DroppedStatement[];
  /** Of the kept ones. */
  readonly requests: Requests;
}

/**
 * Takes out what holds any of these kinds: by the words that would be stored, and by the category `health`, or what a
 * project keeps out would stand under its very name. What asks to forget goes on, to be found what it asks for.
 */
export function dropSensitive(
  statements: readonly Statement[],
  kinds: ReadonlySet<SensitiveKind>,
  asksToForget: Asks,
): SortedBySensitivity {
  if (kinds.size === 0) return { kept: statements, dropped: [], requests: new Map() };
  const kept: Statement[] = [];
  const dropped: DroppedStatement[] = [];
  const requests = new Map<string, NotKept>();
  for (const statement of statements) {
    const kind = kindOf(statement, kinds);
    const asks = kind !== undefined && asksToForget(statement);
    if (asks) requests.set(statement.text, { sensitive: kind });
    if (kind === undefined || asks) kept.push(statement);
    else dropped.push({ statement, kind });
  }
  return { kept, dropped, requests };
}

function kindOf(
  { text, embeddingText, category, entities }: Statement,
  kinds: ReadonlySet<SensitiveKind>,
): SensitiveKind | undefined {
  const told = embeddingText === text ? [text] : [text, embeddingText];
  const words = [...told, ...entities.map(({ name }) => name)];
  const found = words.map((one) => sensitiveKindOf(one, kinds)).find((one) => one !== undefined);
  if (found !== undefined) return found;
  return kinds.has("health") && folded(category) === "health" ? "health" : undefined;
}
