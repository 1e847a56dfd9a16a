import type { ContextItem } from "./context-item.ts";

/**
 * Knows what a context tells already, by citation and by words. A statement and the turn that it rests on are one: the
 * one that came first stays.
 */
export class ToldItems {
  readonly #memories = new Set<string>();
  readonly #sayings = new Set<string>();
  /** Messages that are told in whole, as turns. */
  readonly #turns = new Set<string>();
  /** Messages that statements rest on. */
  readonly #sources = new Set<string>();

  has({ section, saying, memoryIds, source }: ContextItem): boolean {
    if (this.#sayings.has(saying)) return true;
    const told = section === "turns" ? this.#sources : this.#turns;
    return memoryIds.some((id) => this.#memories.has(id)) || source.messageIds.some((id) => told.has(id));
  }

  /** Told word by word. */
  hasSaid({ saying }: ContextItem): boolean {
    return this.#sayings.has(saying);
  }

  /** True of a statement that rests on nothing but turns that are told in whole, this one with them. */
  restsOnTurns({ section, source }: ContextItem, turn: ContextItem): boolean {
    const { messageIds } = source;
    return (
      section !== "turns" &&
      messageIds.some((id) => turn.source.messageIds.includes(id)) &&
      messageIds.every((id) => this.#turns.has(id) || turn.source.messageIds.includes(id))
    );
  }

  add({ section, saying, memoryIds, source, isWhole }: ContextItem): void {
    if (isWhole) this.#sayings.add(saying);
    for (const id of memoryIds) this.#memories.add(id);
    if (section === "turns" && !isWhole) return;
    const told = section === "turns" ? this.#turns : this.#sources;
    for (const id of source.messageIds) told.add(id);
  }
}
