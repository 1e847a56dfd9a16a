/** The p-th percentile (0..100) by nearest rank; NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

/** `p50 1.2  p95 3.4  p99 5.6 ms (n 100)`. */
export function spread(values: readonly number[]): string {
  const at = (p: number) => percentile(values, p).toFixed(1);
  return `p50 ${at(50)}  p95 ${at(95)}  p99 ${at(99)} ms  (n ${values.length})`;
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Least-squares slope of y over x. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return variance === 0 ? 0 : covariance / variance;
}

/** Resident memory in MiB as a process reports it on its metrics page. */
export async function residentMiB(metricsUrl: string): Promise<number> {
  return (await metric(metricsUrl, "process_resident_memory_bytes")) / 2 ** 20;
}

/** Milliseconds of processor time that a process has taken, as it reports it on its metrics page. */
export async function processorMs(metricsUrl: string): Promise<number> {
  return (await metric(metricsUrl, "process_cpu_seconds_total")) * 1_000;
}

async function metric(metricsUrl: string, name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, "m").exec(text)?.[1]);
}
