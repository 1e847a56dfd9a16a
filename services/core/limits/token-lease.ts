/** What a bucket's owner answered. */
export interface RateGrant {
  readonly granted: number;
  /** Tokens left there; below 0 where the burst was lowered. */
  readonly available: number;
}

export interface Rate {
  /** Tokens a second. */
  readonly rate: number;
  /** Tokens at most, wherever they are. */
  readonly burst: number;
}

/** A portion is what is used in about so many seconds. */
const PORTION_S = 0.1;
/** An empty bucket is asked again after so long at the latest: others give back, and limits are raised. */
const ASK_AGAIN_MS = 1_000;

/**
 * What this process holds of one bucket: tokens that it spends without asking, until their lease ends. All times are
 * milliseconds on one clock that only goes forward.
 */
export class TokenLease {
  rate: Rate;
  /** Calls that wait for a token. */
  waiting = 0;
  usedAt = Number.NEGATIVE_INFINITY;
  #tokens = 0;
  #validUntil = Number.NEGATIVE_INFINITY;
  #emptyUntil = Number.NEGATIVE_INFINITY;
  #askAt = Number.NEGATIVE_INFINITY;
  #available = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(rate: Rate) {
    this.rate = rate;
  }

  has(now: number): boolean {
    return this.#tokens >= 1 && now < this.#validUntil;
  }

  /** Takes one. @throws Error without one: `has` tells. */
  spend(now: number): void {
    if (!this.has(now)) throw new Error("spent a token that is not there");
    this.#tokens -= 1;
    this.usedAt = now;
  }

  /** False while the bucket is known to have nothing. */
  mayAsk(now: number): boolean {
    return now >= this.#askAt;
  }

  /** Milliseconds until the bucket is likely to have a token, 0 where it may have one now. */
  waitMs(now: number): number {
    return Math.max(0, this.#emptyUntil - now);
  }

  /** True where it is time to ask for more, before anybody has to wait. */
  isLow(now: number): boolean {
    return this.mayAsk(now) && (this.#tokens <= this.#portion / 2 || now >= this.#validUntil);
  }

  /** True where what is left of an ended lease is to be given back. */
  isLapsed(now: number): boolean {
    return this.#tokens > 0 && now >= this.#validUntil;
  }

  /** What to ask the bucket's owner for. Tokens of an ended lease go back with it, and are gone from here. */
  ask(
    now: number,
    isWanted: boolean,
  ): { readonly wants: number; readonly holds: number; readonly returns: number } {
    const lapsed = this.isLapsed(now) ? this.#tokens : 0;
    if (lapsed > 0) this.#tokens = 0;
    const wants = isWanted ? Math.max(0, this.waiting + this.#portion - this.#tokens) : 0;
    return { wants, holds: this.#tokens, returns: lapsed };
  }

  /** @param validUntil of all that is held then; counted from before the owner was asked. */
  take({ granted, available }: RateGrant, now: number, validUntil: number, wanted: number): void {
    this.#tokens += granted;
    this.#validUntil = validUntil;
    this.#available = available;
    this.#answeredAt = now;
    // Until there is enough to be worth asking for: a flood would ask without a pause.
    const worth = Math.max(1, this.#portion / 2);
    if (granted >= wanted) return;
    this.#emptyUntil = now + ((worth - available) / this.rate.rate) * 1_000;
    this.#askAt = Math.min(this.#emptyUntil, now + ASK_AGAIN_MS);
  }

  /** Gives up all of it. */
  release(): number {
    const left = this.#tokens;
    this.#tokens = 0;
    return left;
  }

  /** Calls that are likely to pass at once, over all processes. */
  remaining(now: number): number {
    const { rate, burst } = this.rate;
    const refilled = this.#available + (rate * Math.max(0, now - this.#answeredAt)) / 1_000;
    return Math.max(0, Math.min(burst, Math.floor(refilled + this.#tokens)));
  }

  get #portion(): number {
    return Math.max(1, Math.ceil(Math.min(this.rate.rate * PORTION_S, this.rate.burst / 2)));
  }
}
