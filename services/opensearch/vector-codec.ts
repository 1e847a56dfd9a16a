/**
 * The 8-bit copy of a unit vector: a float32 scale (little endian), then one signed byte a component;
 * component = byte * scale. Bytes are rounded to 1/127 of the largest component, and the scale is chosen so
 * that the decoded vector has length 1, so its dot product with a unit vector is their cosine.
 */
const HEADER_BYTES = 4;

/** @param vector unit vector `[d]`. @returns `d + 4` bytes. */
export function encodeVec8(vector: Float32Array): Buffer {
  let largest = 0;
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  const step = largest > 0 ? largest / 127 : 1;
  const encoded = Buffer.alloc(HEADER_BYTES + vector.length);
  let squares = 0;
  for (let i = 0; i < vector.length; i++) {
    const byte = Math.round((vector[i] ?? 0) / step);
    encoded.writeInt8(byte, HEADER_BYTES + i);
    squares += byte * byte;
  }
  encoded.writeFloatLE(squares > 0 ? 1 / Math.sqrt(squares) : 0, 0);
  return encoded;
}

/**
 * Cosine of a unit vector with an encoded one, within .005 of the exact one (.002 in practice).
 * @returns undefined where the encoding has another dimension.
 */
export function cosineVec8(query: Float32Array, encoded: Buffer): number | undefined {
  if (encoded.length !== query.length + HEADER_BYTES) return undefined;
  const bytes = new Int8Array(encoded.buffer, encoded.byteOffset + HEADER_BYTES, query.length);
  let dot = 0;
  for (let i = 0; i < query.length; i++) dot += (query[i] as number) * (bytes[i] as number);
  return dot * encoded.readFloatLE(0);
}

/**
 * A vector as a JSON array with seven decimals: 2.5e-8 off at most, which is float32's own grain for the
 * components of a unit vector, in half the bytes of their full decimal expansion.
 */
export function vectorJson(vector: Float32Array): string {
  const rounded = new Array<number>(vector.length);
  for (let i = 0; i < vector.length; i++) rounded[i] = Math.round((vector[i] ?? 0) * 1e7) / 1e7;
  return JSON.stringify(rounded);
}
