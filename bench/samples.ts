/** The middle of the samples: what one stray pause of the machine cannot move. */
export function median(samples: number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** What 95 of 100 samples do not exceed, by nearest rank; of few samples the largest. */
export function p95(samples: number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? NaN;
}

/** How long `run` takes, in ms. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await run();
  return performance.now() - started;
}

/**
 * Runs `a` and `b` in turn, now this and now that one first, so that both meet the same machine.
 * @returns their samples without the first `warmUp` ones.
 */
export async function interleaved<T>(
  { pairs, warmUp }: { pairs: number; warmUp: number },
  a: (n: number) => Promise<T>,
  b: (n: number) => Promise<T>,
): Promise<{ a: T[]; b: T[] }> {
  const samples: { a: T[]; b: T[] } = { a: [], b: [] };
  for (let n = 0; n < pairs + warmUp; n += 1) {
    const aFirst = n % 2 === 0;
    const early = await (aFirst ? a(n) : b(n));
    const late = await (aFirst ? b(n) : a(n));
    samples.a.push(aFirst ? early : late);
    samples.b.push(aFirst ? late : early);
  }
  return { a: samples.a.slice(warmUp), b: samples.b.slice(warmUp) };
}
