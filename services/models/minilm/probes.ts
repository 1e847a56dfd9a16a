import { DIMENSION } from "./model.ts";

/** Sentences whose cosines the published model's authors state. */
export const PROBES = [
  "The weather is lovely today.",
  "It's so sunny outside!",
  "He drove to the stadium.",
] as const;

/**
 * Whether the probes' vectors stand as published: .666 and .105 from the first to the others. Processors differ in
 * how they add 8-bit products (some saturate), so a wrong result is caught here rather than stored.
 */
export function standAsPublished(vectors: Float32Array): boolean {
  const cosine = (other: number) => {
    let sum = 0;
    for (let i = 0; i < DIMENSION; i++)
      sum += (vectors[i] as number) * (vectors[other * DIMENSION + i] as number);
    return sum;
  };
  return Math.abs(cosine(1) - 0.666) < 0.02 && Math.abs(cosine(2) - 0.105) < 0.02;
}
