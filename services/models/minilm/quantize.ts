/** Row-major `[rows, columns]` to `[columns, rows]`. */
export function transpose<T extends Float32Array | Int8Array>(matrix: T, rows: number, columns: number): T {
  const result = matrix.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = matrix[row * columns + column] as number;
    }
  }
  return result;
}

/**
 * Symmetric 8-bit integers, one scale a row of `columns`: value = integer * scale, off by half a scale at most.
 * A row of zeros gets scale 0.
 */
export function rowQuantize(
  matrix: Float32Array,
  columns: number,
): { readonly values: Int8Array; readonly scales: Float32Array } {
  const values = new Int8Array(matrix.length);
  const scales = new Float32Array(matrix.length / columns);
  for (let row = 0; row < scales.length; row++) {
    const start = row * columns;
    const scale = largest(matrix, start, columns) / 127;
    scales[row] = scale;
    if (scale === 0) continue;
    for (let i = start; i < start + columns; i++) values[i] = Math.round((matrix[i] as number) / scale);
  }
  return { values, scales };
}

function largest(matrix: Float32Array, start: number, length: number): number {
  let max = 0;
  for (let i = start; i < start + length; i++) max = Math.max(max, Math.abs(matrix[i] as number));
  return max;
}
