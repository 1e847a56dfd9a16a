import type { AddResult, Mneme } from "@mneme/sdk";

/** Adds under way at once. */
const CLIENTS = 8;
const USERS = 20;

/** Numbered statements of several people: each is added once, must be kept once, and can be asked for by itself. */
export class Lockers {
  readonly #mneme: Mneme;
  readonly #name: string;
  #next = 0;

  /** @param name tells them from others of the same tenant. */
  constructor(mneme: Mneme, name: string) {
    this.#mneme = mneme;
    this.#name = name;
  }

  /** How many were accepted, or are being added. */
  get count(): number {
    return this.#next;
  }

  /** Adds the next ones from several clients at once. */
  async add(count: number, onAccepted: (accepted: number) => void = () => {}): Promise<AddResult[]> {
    const end = this.#next + count;
    const accepted: AddResult[] = [];
    const client = async () => {
      while (this.#next < end) {
        const number = this.#next++;
        const options = { name: "Robin", metadata: { number } };
        const text = `My ${this.#name} locker number ${number} holds a kayak.`;
        accepted.push(await this.#userOf(number).add(text, options));
        onAccepted(accepted.length);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return accepted;
  }

  /** Whether a search finds this one, or could not ask the index. */
  async find(number: number): Promise<"found" | "missed" | "degraded"> {
    const filter = { metadata: { number } };
    const { hits, degraded } = await this.#userOf(number).search("Which locker holds a kayak?", { filter });
    if (degraded.length > 0) return "degraded";
    return hits.some(({ memory }) => memory.text.includes(`locker number ${number} `)) ? "found" : "missed";
  }

  /** Those that are not kept exactly once, with how often they are. */
  async notKeptOnce(): Promise<string[]> {
    const kept = new Map<string, number>();
    for (let user = 0; user < USERS; user += 1) {
      for await (const { text } of this.#userOf(user).list({ pageSize: 250 })) {
        const number = /locker number (\d+)\b/.exec(text)?.[1] ?? text;
        kept.set(number, (kept.get(number) ?? 0) + 1);
      }
    }
    for (let number = 0; number < this.count; number += 1) {
      kept.set(String(number), kept.get(String(number)) ?? 0);
    }
    return [...kept].filter(([, times]) => times !== 1).map(([number, times]) => `${number}: ${times}`);
  }

  #userOf(number: number) {
    return this.#mneme.user(`${this.#name}-${number % USERS}`);
  }
}
