import { LRUCache } from "lru-cache";

/** As many people's names as are read about at a time. */
const MOST_NAMES = 64;

/**
 * A pattern with names in it, made once for each place in the code and each of the names: a statement is read by a hundred
 * of them, and making one costs more than matching it.
 */
function patterns(flags: string) {
  const made = new WeakMap<TemplateStringsArray, LRUCache<string, RegExp>>();
  return (source: TemplateStringsArray, ...values: readonly string[]): RegExp => {
    const own = made.get(source) ?? new LRUCache<string, RegExp>({ max: MOST_NAMES });
    made.set(source, own);
    const key = values.length === 1 ? (values[0] as string) : values.join("\n");
    const known = own.get(key);
    if (known) return known;
    const pattern = new RegExp(String.raw(source, ...values), flags);
    own.set(key, pattern);
    return pattern;
  };
}

/** Letters as they are written. */
export const exact = patterns("u");
/** In any case. */
export const anyCased = patterns("iu");
