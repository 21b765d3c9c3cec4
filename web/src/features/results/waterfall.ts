import type { Results } from "../../api/results";

export type Contribution = Results["contributions"][number];

export type WaterfallBar = { contribution: Contribution; from: number; to: number };

/** Splits off what comes after the first `count` bars, unless that is a single one. */
export function fold(bars: readonly WaterfallBar[], count: number) {
  const cut = bars.length > count + 1 ? count : bars.length;
  return { shown: bars.slice(0, cut), folded: bars.slice(cut) };
}

/** What is left over between the bars and the score counts from here, in points. */
const noticeable = 0.05;

/**
 * Lays contributions end to end, in their order: each bar begins where the one before ends, on a scale 0..100.
 * `rest` is what the score has beyond their sum (below 0: less); 0 where they add up, as they should.
 */
export function layWaterfall(contributions: readonly Contribution[], score: number) {
  let sum = 0;
  const bars: WaterfallBar[] = contributions.map((contribution) => {
    const from = sum;
    sum += contribution.points;
    return { contribution, from, to: sum };
  });
  const rest = score - sum;
  return { bars, sum, rest: Math.abs(rest) < noticeable ? 0 : rest };
}
