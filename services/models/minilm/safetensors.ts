/** Reads float tensors out of a safetensors file (8-byte header length, JSON header, raw data). */
export class Safetensors {
  readonly #bytes: Buffer;
  readonly #header: Readonly<Record<string, Entry>>;
  readonly #dataStart: number;

  /** @throws Error if the bytes are not a safetensors file. */
  constructor(bytes: Buffer) {
    const headerLength = Number(bytes.readBigUInt64LE(0));
    if (headerLength > bytes.byteLength - 8) throw new Error("not a safetensors file: header is cut");
    this.#bytes = bytes;
    this.#dataStart = 8 + headerLength;
    this.#header = JSON.parse(bytes.toString("utf8", 8, this.#dataStart));
  }

  /**
   * @param shape what the tensor must have, e.g. `[384, 1536]`.
   * @throws Error if the tensor is missing, is not F32 or has another shape.
   */
  float(name: string, shape: readonly number[]): Float32Array {
    const entry = this.#header[name];
    if (!entry) throw new Error(`tensor ${name} is missing`);
    if (entry.dtype !== "F32" || entry.shape.join() !== shape.join()) {
      throw new Error(`tensor ${name} is ${entry.dtype} [${entry.shape}], expected F32 [${shape}]`);
    }
    const [start, end] = entry.data_offsets;
    const data = this.#bytes.subarray(this.#dataStart + start, this.#dataStart + end);
    // Copied because a Float32Array must start on a multiple of 4, which the header's length may not be.
    return new Float32Array(Uint8Array.from(data).buffer);
  }
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}
