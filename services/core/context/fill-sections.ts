import type { CountTokens } from "../tokens/encodings.ts";
import { type ContextItem, lineOf } from "./context-item.ts";
import { type ContextSectionName, HEADINGS, type SectionWish } from "./sections.ts";
import { ToldItems } from "./told-items.ts";

export type Candidates = Readonly<Record<ContextSectionName, readonly ContextItem[]>>;

export interface FillOptions {
  readonly wishes: readonly SectionWish[];
  /** Best first, of turns newest first. */
  readonly candidates: Candidates;
  /** What a search found, best first over its sections. */
  readonly ranked: readonly ContextItem[];
  readonly tokenBudget: number;
  readonly count: CountTokens;
}

export type UnfitReason = "budget" | "duplicate";

export interface FilledSections {
  /** In the order in which they were taken: whatever must go goes from the end. */
  readonly items: readonly ContextItem[];
  readonly leftOut: ReadonlyMap<ContextItem, UnfitReason>;
}

/** No context has more lines: their citations are counted as this one's. */
const WIDEST_NUMBER = 999;

/**
 * Chooses lines for each section's share of a token budget; what one leaves goes to the next, and what all leave to what
 * the search ranks best. Turns come first, so that nothing is told twice that was just said.
 */
export function fillSections({
  wishes,
  candidates,
  ranked,
  tokenBudget,
  count,
}: FillOptions): FilledSections {
  const wholeShare = wishes.reduce((sum, { share }) => sum + share, 0);
  const sections = new Set(wishes.map(({ section }) => section));
  const taking = new Taking(count);
  let rest = 0;
  for (const { section, share } of turnsFirst(wishes)) {
    const quota = rest + Math.floor((tokenBudget * share) / wholeShare);
    rest = quota - taking.take(candidates[section], quota, "stop");
  }
  const room = () => tokenBudget - taking.tokens;
  const found = ranked.filter(({ section }) => sections.has(section));
  taking.take(found, room(), "pass over");
  if (sections.has("profile")) taking.take(candidates.profile, room(), "pass over");
  if (sections.has("turns")) taking.take(candidates.turns, room(), "stop");
  const all = wishes.flatMap(({ section }) => candidates[section]);
  return { items: taking.items, leftOut: taking.leftOutOf(all) };
}

function turnsFirst(wishes: readonly SectionWish[]): SectionWish[] {
  const isOfTurns = ({ section }: SectionWish) => section === "turns";
  return [...wishes.filter(isOfTurns), ...wishes.filter((wish) => !isOfTurns(wish))];
}

/** Takes lines while there is room. */
class Taking {
  readonly items: ContextItem[] = [];
  /** Of all lines and headings, each with its line break: at least what they take together. */
  tokens = 0;
  readonly #count: CountTokens;
  readonly #told = new ToldItems();
  readonly #taken = new Set<ContextItem>();
  readonly #begun = new Set<ContextSectionName>();
  readonly #costs = new Map<ContextItem, number>();

  constructor(count: CountTokens) {
    this.#count = count;
  }

  /**
   * @param misfit what to do at one that does not fit: `stop`, so that weak ones never displace good ones for being short
   *   and turns have no gaps, or `pass over` it.
   * @returns the tokens that it took.
   */
  take(items: readonly ContextItem[], quota: number, misfit: "stop" | "pass over"): number {
    const before = this.tokens;
    for (const item of items) {
      if (this.#taken.has(item) || this.#told.has(item)) continue;
      const cost = this.#costOf(item);
      if (this.tokens - before + cost > quota) {
        if (misfit === "stop") break;
        continue;
      }
      this.tokens += cost;
      this.items.push(item);
      this.#taken.add(item);
      this.#begun.add(item.section);
      this.#told.add(item);
    }
    return this.tokens - before;
  }

  leftOutOf(items: readonly ContextItem[]): Map<ContextItem, UnfitReason> {
    const others = items.filter((item) => !this.#taken.has(item));
    return new Map(others.map((item) => [item, this.#told.has(item) ? "duplicate" : "budget"]));
  }

  #costOf(item: ContextItem): number {
    const known = this.#costs.get(item) ?? this.#count(lineOf(item, WIDEST_NUMBER)) + 1;
    this.#costs.set(item, known);
    return this.#begun.has(item.section) ? known : known + this.#count(HEADINGS[item.section]) + 2;
  }
}
