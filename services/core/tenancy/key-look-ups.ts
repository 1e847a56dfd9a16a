import { MnemeError } from "../errors.ts";
import type { ApiKeys, KnownKey, ShownKey } from "./trusted-keys.ts";

interface Waiting {
  readonly shown: ShownKey;
  readonly resolve: (found: KnownKey | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Keys of one statement. */
const MOST_TOGETHER = 100;
/** Keys that wait: some ten statements' worth. */
const MOST_WAITING = 1_000;
const RETRY_MS = 1_000;

/**
 * Looks up keys that nothing is known of: anybody may show any number of those. One statement at a time, for all that
 * came meanwhile, so that a flood of made-up keys costs the store one connection.
 *
 * @returns one key's look-up; it throws DEPENDENCY_UNAVAILABLE where too many wait.
 */
export function createKeyLookUps(store: ApiKeys): (shown: ShownKey) => Promise<KnownKey | undefined> {
  const waiting: Waiting[] = [];
  let isRunning = false;

  async function run(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      const together = waiting.splice(0, MOST_TOGETHER);
      try {
        const found = await store.find(together.map(({ shown }) => shown));
        together.forEach(({ resolve }, index) => void resolve(found[index]));
      } catch (error) {
        for (const { reject } of together) reject(error);
      }
    }
    isRunning = false;
  }

  return async (shown) => {
    if (waiting.length >= MOST_WAITING) throw tooMany();
    return new Promise((resolve, reject) => {
      waiting.push({ shown, resolve, reject });
      if (!isRunning) void run();
    });
  };
}

function tooMany(): MnemeError {
  return new MnemeError(
    "unavailable",
    "DEPENDENCY_UNAVAILABLE",
    "too many API keys that are not known here wait to be looked up; try again",
    { metadata: { dependency: "postgres" }, retryAfterMs: RETRY_MS },
  );
}
