import { asksToForget } from "../claims/forget.ts";
import type { Extractor, Statement } from "../extractor.ts";
import type { Decision } from "../ingest-store.ts";
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
  /** Kept ones that ask to forget, by their text, with what they hold: see `withoutRequests`. */
  readonly requests: ReadonlyMap<string, SensitiveKind>;
}

/**
 * Takes out what holds any of these kinds: by the words that would be stored, and where what read it judges categories by
 * their meaning, also by the category `health`. What asks to forget goes on, to be found what it asks for.
 */
export function dropSensitive(
  statements: readonly Statement[],
  kinds: ReadonlySet<SensitiveKind>,
  { judgesCategories = false }: Pick<Extractor, "judgesCategories"> = {},
): SortedBySensitivity {
  if (kinds.size === 0) return { kept: statements, dropped: [], requests: new Map() };
  const kept: Statement[] = [];
  const dropped: DroppedStatement[] = [];
  const requests = new Map<string, SensitiveKind>();
  for (const statement of statements) {
    const kind = kindOf(statement, kinds, judgesCategories);
    const asks = kind !== undefined && asksToForget(statement.text);
    if (asks) requests.set(statement.text, kind);
    if (kind === undefined || asks) kept.push(statement);
    else dropped.push({ statement, kind });
  }
  return { kept, dropped, requests };
}

/** What came to nothing as a request is no memory either. */
export function withoutRequests(
  decisions: readonly Decision[],
  { requests }: Pick<SortedBySensitivity, "requests">,
): readonly Decision[] {
  if (requests.size === 0) return decisions;
  return decisions.map((decision) => {
    const sensitive = "content" in decision ? requests.get(decision.content.statement.text) : undefined;
    return sensitive ? { outcome: "drop", messageId: decision.messageId, sensitive } : decision;
  });
}

function kindOf(
  { text, embeddingText, category, entities }: Statement,
  kinds: ReadonlySet<SensitiveKind>,
  judgesCategories: boolean,
): SensitiveKind | undefined {
  const told = embeddingText === text ? [text] : [text, embeddingText];
  const words = [...told, ...entities.map(({ name }) => name)];
  const found = words.map((one) => sensitiveKindOf(one, kinds)).find((one) => one !== undefined);
  if (found !== undefined) return found;
  return judgesCategories && kinds.has("health") && folded(category) === "health" ? "health" : undefined;
}
