/** Dot product; the cosine of two unit vectors. The shorter one's length counts. */
export function dot(a: Float32Array, b: Float32Array): number {
  const length = Math.min(a.length, b.length);
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
