import { invalidField, UnauthenticatedError } from "./errors/errors.ts";

/** A key, or how to get the current one; asked before every try. */
export type ApiKeySource = string | (() => string | Promise<string>);

/**
 * A user's token, or how to get one: asked for the first one, for another shortly before that expires, and when the
 * server refuses it.
 */
export type UserTokenSource = string | (() => string | Promise<string>);

/** What calls show of themselves. */
export interface Credentials {
  /** Undefined where nothing is sent. @throws UnauthenticatedError for what can't be sent. */
  current(): Promise<string | undefined>;
  /** Tells that the server refused it. @returns whether there may be another now. */
  renew(refused: string): boolean;
}

export interface CredentialOptions {
  readonly apiKey?: ApiKeySource | undefined;
  readonly token?: UserTokenSource | undefined;
}

/** @throws InvalidArgumentError where both are given. */
export function credentialsOf({ apiKey, token }: CredentialOptions): Credentials {
  if (token === undefined) return secretOf("apiKey", apiKey);
  if (apiKey !== undefined) throw invalidField("token", "and apiKey are two ways to call: give one of them");
  return typeof token === "function" ? new RenewedToken(token) : secretOf("token", token);
}

type Name = "apiKey" | "token";

function secretOf(name: Name, secret: ApiKeySource | undefined): Credentials {
  return {
    async current() {
      const current = typeof secret === "function" ? await secret() : secret;
      return current === undefined ? undefined : checked(name, current);
    },
    renew: () => false,
  };
}

/** Longest time before its end that a token is not used any more, and the part of its life that this is at most. */
const EARLY_MS = 30_000;
const EARLY_PART = 0.2;

/** How long a question is waited for before the next call asks anew: its answer may never come. */
const PATIENCE_MS = 30_000;

/** A token that is asked for again when it is about to expire; one question at a time, whoever waits for it. */
class RenewedToken implements Credentials {
  readonly #ask: () => string | Promise<string>;
  #answer: Promise<string> | undefined;
  /** What the answer was, once it came. */
  #token: string | undefined;
  /** By `performance.now()`. */
  #askAt = 0;

  constructor(ask: () => string | Promise<string>) {
    this.#ask = ask;
  }

  async current(): Promise<string> {
    if (this.#answer === undefined || performance.now() >= this.#askAt) this.#answer = this.#get();
    return this.#answer;
  }

  renew(refused: string): boolean {
    if (this.#token === refused) this.#answer = undefined;
    return true;
  }

  #get(): Promise<string> {
    this.#token = undefined;
    this.#askAt = performance.now() + PATIENCE_MS;
    const answer = (async () => checked("token", await this.#ask()))();
    answer.then(
      (token) => {
        if (this.#answer !== answer) return;
        const lifeMs = lifeOf(token);
        this.#token = token;
        this.#askAt = performance.now() + lifeMs - Math.min(EARLY_MS, lifeMs * EARLY_PART);
      },
      () => {
        if (this.#answer === answer) this.#answer = undefined;
      },
    );
    return answer;
  }
}

/**
 * Milliseconds that a token holds from when it was made. Counted from when it came, for a browser's clock may be wrong;
 * one that came late the server refuses.
 */
function lifeOf(token: string): number {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { iat, exp } = JSON.parse(atob(payload)) as { readonly iat: number; readonly exp: number };
    return exp > iat ? (exp - iat) * 1_000 : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Checked here because a header that cannot be sent would be quoted, secret and all, in the runtime's own error. */
function checked(name: Name, secret: string): string {
  const what = name === "apiKey" ? "API key" : "token";
  const trimmed = secret.trim();
  if (trimmed === "") {
    const elsewhere = name === "apiKey" ? ", or in Node leave it out and set MNEME_API_KEY" : "";
    throw new UnauthenticatedError(
      `no ${what} was given: ${name} is empty; pass a ${name === "apiKey" ? "key" : name} there${elsewhere}`,
      { reason: "CREDENTIALS_MISSING" },
    );
  }
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new UnauthenticatedError(`the ${what} must be visible ASCII characters`, {
    reason: "CREDENTIALS_INVALID",
  });
}
