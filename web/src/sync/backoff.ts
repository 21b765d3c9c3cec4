export type Backoff = { multiplier: number; maxMs: number };

const firstMs = 2000;
const jitter = 0.2;

/**
 * How long to wait after `failures` failures in a row (≥ 1): 2 s × multiplier^(failures−1), at
 * most maxMs, ± 20 % so that clients do not come back all at once. `random` is in [0, 1).
 */
export function backoffMs(failures: number, { multiplier, maxMs }: Backoff, random: number): number {
  const plain = Math.min(maxMs, firstMs * multiplier ** (failures - 1));
  return Math.round(plain * (1 - jitter + 2 * jitter * random));
}
