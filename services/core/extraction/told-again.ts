import { surer } from "./surer.ts";

/** How often memories are told again within a batch. A message that repeats itself is no surer. */
export class ToldAgain {
  readonly #messages = new Map<string, Set<string>>();
  readonly #times = new Map<string, number>();

  /** How often each was told since it was worded last, by memory id. */
  get times(): ReadonlyMap<string, number> {
    return this.#times;
  }

  /** A message tells what is known. */
  tell(memoryId: string, messageId: string): void {
    const before = this.#messagesOf(memoryId);
    this.#times.set(memoryId, (this.#times.get(memoryId) ?? 0) + (before.has(messageId) ? 0 : 1));
    before.add(messageId);
  }

  /** A message words it anew: how sure it was before is part of that. */
  reword(memoryId: string, messageId: string): void {
    this.#times.delete(memoryId);
    this.#messagesOf(memoryId).add(messageId);
  }

  /** How sure a memory is by now. */
  surerOf(memoryId: string, confidence: number): number {
    let sure = confidence;
    for (let i = 0; i < (this.#times.get(memoryId) ?? 0); i += 1) sure = surer(sure);
    return sure;
  }

  #messagesOf(memoryId: string): Set<string> {
    const known = this.#messages.get(memoryId) ?? new Set();
    this.#messages.set(memoryId, known);
    return known;
  }
}
