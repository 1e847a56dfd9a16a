import { MnemeError } from "@mneme/core/errors.ts";

/**
 * Scales to unit length, in place.
 *
 * @param of metadata of the errors: whose vector it is.
 * @throws MnemeError `EMBEDDING_DIMENSION_MISMATCH` for another length than `dimension`, and
 *   `MODEL_OUTPUT_INVALID` (retryable) for vectors without a direction: NaN, infinite or all zero.
 */
export function toUnitVector(
  vector: Float32Array,
  dimension: number,
  of: Readonly<Record<string, string>>,
): Float32Array {
  if (vector.length !== dimension) {
    throw new MnemeError(
      "failed_precondition",
      "EMBEDDING_DIMENSION_MISMATCH",
      `the embedder answered with ${vector.length} dimensions, ${dimension} are set`,
      { metadata: { ...of, expected: String(dimension), actual: String(vector.length) } },
    );
  }
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (!(squares > 0) || !Number.isFinite(squares)) {
    throw new MnemeError(
      "unavailable",
      "MODEL_OUTPUT_INVALID",
      "the embedder answered a vector without a direction",
      { metadata: of },
    );
  }
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) * scale;
  return vector;
}
