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
 * Chooses lines for each section's share of a token budget; what one leaves goes to the next, and what the last leaves to
 * what the search ranks best. Turns are taken first, so that nothing is told twice that was just said, and then the best
 * of all that was found: no share is too small for it.
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
  const found = ranked.filter(({ section }) => sections.has(section));
  const taking = new Taking(count);
  const quotaOf = ({ share }: SectionWish) => Math.floor((tokenBudget * share) / wholeShare);
  const turns = wishes.find(({ section }) => section === "turns");
  if (turns) taking.take(candidates.turns, quotaOf(turns), "stop");
  const room = () => tokenBudget - taking.tokens;
  taking.take(found.slice(0, 1), room(), "stop");
  let rest = 0;
  for (const wish of wishes) {
    const { section } = wish;
    const quota = quotaOf(wish) + rest;
    if (wish !== turns) taking.take(candidates[section], quota - taking.tokensOf(section), "stop");
    rest = quota - taking.tokensOf(section);
  }
  taking.take(found, room(), "pass over");
  if (sections.has("profile")) taking.take(candidates.profile, room(), "pass over");
  if (turns) taking.takeTurns(candidates.turns, tokenBudget);
  const all = wishes.flatMap(({ section }) => candidates[section]);
  return { items: taking.items, leftOut: taking.leftOutOf(all) };
}

/** Takes lines while there is room. */
class Taking {
  readonly items: ContextItem[] = [];
  /** Of all lines and headings, each with its line break: at least what they take together. */
  tokens = 0;
  readonly #count: CountTokens;
  readonly #told = new ToldItems();
  readonly #taken = new Set<ContextItem>();
  readonly #spent = new Map<ContextSectionName, number>();
  readonly #costs = new Map<ContextItem, number>();
  /** What each line took when it was taken, a heading included. */
  readonly #paid = new Map<ContextItem, number>();

  constructor(count: CountTokens) {
    this.#count = count;
  }

  /**
   * @param misfit what to do at one that does not fit: `stop`, so that weak ones never displace good ones for being short
   *   and turns have no gaps, or `pass over` it.
   */
  take(items: readonly ContextItem[], quota: number, misfit: "stop" | "pass over"): void {
    const before = this.tokens;
    for (const item of items) {
      if (this.#taken.has(item) || this.#told.has(item)) continue;
      const cost = this.#costOf(item);
      if (this.tokens - before + cost > quota) {
        if (misfit === "stop") break;
        continue;
      }
      this.#add(item, cost);
    }
  }

  /**
   * Turns while there is room, without gaps. A turn that is told in whole stands for the statements that rest on what is told
   * in turns alone: these go, and leave it their room.
   */
  takeTurns(turns: readonly ContextItem[], budget: number): void {
    for (const turn of turns) {
      if (this.#taken.has(turn) || this.#told.hasSaid(turn)) continue;
      const instead = turn.isWhole ? this.items.filter((item) => this.#told.restsOnTurns(item, turn)) : [];
      const freed = instead.reduce((sum, item) => sum + (this.#paid.get(item) ?? 0), 0);
      const cost = this.#costOf(turn);
      if (this.tokens - freed + cost > budget) break;
      for (const item of instead) this.#giveUp(item);
      this.#add(turn, cost);
    }
  }

  #add(item: ContextItem, cost: number): void {
    this.tokens += cost;
    this.items.push(item);
    this.#taken.add(item);
    this.#paid.set(item, cost);
    this.#spent.set(item.section, this.tokensOf(item.section) + cost);
    this.#told.add(item);
  }

  #giveUp(item: ContextItem): void {
    const cost = this.#paid.get(item) ?? 0;
    this.items.splice(this.items.indexOf(item), 1);
    this.#taken.delete(item);
    this.tokens -= cost;
    this.#spent.set(item.section, this.tokensOf(item.section) - cost);
  }

  /** With its heading; 0 where it has no line yet. */
  tokensOf(section: ContextSectionName): number {
    return this.#spent.get(section) ?? 0;
  }

  leftOutOf(items: readonly ContextItem[]): Map<ContextItem, UnfitReason> {
    const others = items.filter((item) => !this.#taken.has(item));
    return new Map(others.map((item) => [item, this.#told.has(item) ? "duplicate" : "budget"]));
  }

  #costOf(item: ContextItem): number {
    const known = this.#costs.get(item) ?? this.#count(lineOf(item, WIDEST_NUMBER)) + 1;
    this.#costs.set(item, known);
    return this.#spent.has(item.section) ? known : known + this.#count(HEADINGS[item.section]) + 2;
  }
}
