/** Row-major `[rows, columns]` to `[columns, rows]`. */
export function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return result;
}

/**
 * Symmetric 8-bit blocks as `MatMulNBits` reads them without zero points: value = (byte - 128) * scale,
 * one scale for `block` neighbours of a row.
 */
export function blockQuantize(
  matrix: Float32Array,
  block: number,
): { values: Uint8Array; scales: Float32Array } {
  const values = new Uint8Array(matrix.length);
  const scales = new Float32Array(matrix.length / block);
  for (let i = 0; i < scales.length; i++) {
    const scale = largest(matrix, i * block, block) / 127;
    scales[i] = scale;
    for (let j = i * block; j < (i + 1) * block; j++) {
      values[j] = 128 + (scale === 0 ? 0 : Math.round((matrix[j] as number) / scale));
    }
  }
  return { values, scales };
}

/** Symmetric int8, one scale a row of `columns`. */
export function rowQuantize(
  matrix: Float32Array,
  columns: number,
): { values: Int8Array; scales: Float32Array } {
  const { values, scales } = blockQuantize(matrix, columns);
  const signed = new Int8Array(values.buffer);
  for (let i = 0; i < signed.length; i++) signed[i] = (values[i] as number) - 128;
  return { values: signed, scales };
}

function largest(matrix: Float32Array, start: number, length: number): number {
  let max = 0;
  for (let i = start; i < start + length; i++) max = Math.max(max, Math.abs(matrix[i] as number));
  return max;
}
