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
  items: ContextItem[] = [];
  readonly #count: CountTokens;
  readonly #told = new ToldItems();
  readonly #costs = new Map<ContextItem | ContextSectionName, number>();
  /** Of the lines of each section that has some. */
  #spent = new Map<ContextSectionName, number>();
  #taken = new Set<ContextItem>();

  constructor(count: CountTokens) {
    this.#count = count;
  }

  /** Of all lines and headings, each with its line break: at least what they take together. */
  get tokens(): number {
    return [...this.#spent.keys()].reduce((sum, section) => sum + this.tokensOf(section), 0);
  }

  /**
   * @param misfit what to do at one that does not fit: `stop`, so that weak ones never displace good ones for being short
   *   and turns have no gaps, or `pass over` it.
   */
  take(items: readonly ContextItem[], quota: number, misfit: "stop" | "pass over"): void {
    const before = this.tokens;
    for (const item of items) {
      if (this.#taken.has(item) || this.#told.has(item)) continue;
      if (this.tokens - before + this.#costOf(item) > quota) {
        if (misfit === "stop") break;
        continue;
      }
      this.#add(item);
    }
  }

  /**
   * Turns while there is room, without gaps. A turn that is told in whole stands for the statements that rest on what is told
   * in turns alone: these go, and leave it their room.
   */
  takeTurns(turns: readonly ContextItem[], budget: number): void {
    for (const turn of turns) {
      if (this.#taken.has(turn) || this.#told.hasSaid(turn)) continue;
      const before = this.items;
      const stay = turn.isWhole ? before.filter((item) => !this.#told.restsOnTurns(item, turn)) : before;
      if (stay.length < before.length) this.#keep(stay);
      if (this.tokens + this.#costOf(turn) > budget) {
        if (stay.length < before.length) this.#keep(before);
        break;
      }
      this.#add(turn);
    }
  }

  #add(item: ContextItem): void {
    this.items.push(item);
    this.#pay(item);
    this.#told.add(item);
  }

  /** These instead of what was taken. */
  #keep(items: ContextItem[]): void {
    this.items = items;
    this.#taken = new Set();
    this.#spent = new Map();
    for (const item of items) this.#pay(item);
  }

  #pay(item: ContextItem): void {
    this.#taken.add(item);
    this.#spent.set(item.section, (this.#spent.get(item.section) ?? 0) + this.#lineOf(item));
  }

  /** With its heading; 0 where it has no line. */
  tokensOf(section: ContextSectionName): number {
    const lines = this.#spent.get(section);
    return lines === undefined ? 0 : lines + this.#headingOf(section);
  }

  leftOutOf(items: readonly ContextItem[]): Map<ContextItem, UnfitReason> {
    const others = items.filter((item) => !this.#taken.has(item));
    return new Map(others.map((item) => [item, this.#told.has(item) ? "duplicate" : "budget"]));
  }

  /** With the heading of its section where it is the first line there. */
  #costOf(item: ContextItem): number {
    return this.#lineOf(item) + (this.#spent.has(item.section) ? 0 : this.#headingOf(item.section));
  }

  #lineOf(item: ContextItem): number {
    return this.#once(item, () => this.#count(lineOf(item, WIDEST_NUMBER)) + 1);
  }

  #headingOf(section: ContextSectionName): number {
    return this.#once(section, () => this.#count(HEADINGS[section]) + 2);
  }

  #once(of: ContextItem | ContextSectionName, count: () => number): number {
    const known = this.#costs.get(of) ?? count();
    this.#costs.set(of, known);
    return known;
  }
}
