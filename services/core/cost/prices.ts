import { z } from "zod";
import type { TokenCounts } from "./token-counts.ts";

/** A millionth of a millionth of a dollar: what a token costs is a whole number of them. */
export type Picodollars = bigint;

const PER_MICRODOLLAR = 1_000_000n;
/** Of a batch's factor. */
const TEN_THOUSANDTHS = 10_000n;
/** What OpenAI charges for a batch's calls. */
const HALF = TEN_THOUSANDTHS / 2n;

const USD_PER_MILLION = "must be US dollars per million tokens, at most 6 digits on either side of the point";
/** A dollar per million tokens is a millionth of a dollar per token: six digits behind the point are whole picodollars. */
const amount = (digits: number, problem: string) =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(new RegExp(`^\\d{1,6}(\\.\\d{1,${digits}})?$`), problem))
    .transform((text) => {
      const [whole = "", fraction = ""] = text.split(".");
      return BigInt(whole + fraction.padEnd(digits, "0"));
    });
const price = amount(6, USD_PER_MILLION);

const entry = z.strictObject({
  model: z.string().min(1).max(128),
  /** UTC; holds until a later one of the same model does. */
  from: z.iso.date(),
  input: price,
  cached_input: price.optional(),
  output: price.default(0n),
  batch_factor: amount(4, "must be a factor of at most 4 digits behind the point")
    .refine((factor) => factor <= TEN_THOUSANDTHS, "must be a factor from 0 to 1")
    .default(HALF),
});

const table = z.strictObject({ prices: z.array(entry).max(10_000) });
type Entry = z.output<typeof entry>;

/** What models cost. */
export interface Prices {
  /**
   * What a call of that time costs, rounded up to a picodollar; undefined where nobody has told the model's price.
   *
   * @param isBatch whether it was one of a batch, which may cost less.
   */
  cost(model: string, at: Date, tokens: TokenCounts, isBatch?: boolean): Picodollars | undefined;
}

/** Nobody has told any. */
export const NO_PRICES: Prices = { cost: () => undefined };

/**
 * Reads a table of prices, as docs/settings.md describes it.
 *
 * @throws Error that says what is wrong with it.
 */
export function parsePrices(json: string): Prices {
  const parsed = table.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error));
  const byModel = Map.groupBy(parsed.data.prices, ({ model }) => model);
  for (const [model, entries] of byModel) {
    entries.sort((a, b) => b.from.localeCompare(a.from));
    if (new Set(entries.map(({ from }) => from)).size < entries.length)
      throw new Error(`two prices of ${JSON.stringify(model)} begin on one day; leave one of them`);
  }
  return {
    cost(model, at, tokens, isBatch = false) {
      const day = at.toISOString().slice(0, 10);
      const valid = byModel.get(model)?.find(({ from }) => from <= day);
      return valid && costOf(valid, tokens, isBatch);
    },
  };
}

function costOf(of: Entry, { input, cachedInput, output }: TokenCounts, isBatch: boolean): Picodollars {
  const whole =
    BigInt(input) * of.input +
    BigInt(cachedInput) * (of.cached_input ?? of.input) +
    BigInt(output) * of.output;
  return isBatch ? dividedUp(whole * of.batch_factor, TEN_THOUSANDTHS) : whole;
}

/** In millionths of a dollar, rounded up: what was spent is never said to be less. */
export function toMicrodollars(cost: Picodollars): bigint {
  return dividedUp(cost, PER_MICRODOLLAR);
}

export function fromMicrodollars(micros: bigint): Picodollars {
  return micros * PER_MICRODOLLAR;
}

function dividedUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}
