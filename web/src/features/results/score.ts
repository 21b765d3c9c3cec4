import { formatScore } from "../../ui/Tone";
import { t } from "./texts";

/** Points of a score: "12.4". */
export const formatPoints = (points: number) => points.toFixed(1);

type Interval = { low: number; high: number };

/** What the score could be had everything been assessed, in words: whole numbers where they differ, else with a digit. */
export function intervalText(interval: Interval | null, notAssessed: number): string {
  if (notAssessed === 0) return t.score.exact;
  if (!interval) return t.score.unbounded;
  const low = formatScore(interval.low);
  const high = formatScore(interval.high);
  if (low !== high) return t.score.interval(low, high);
  if (interval.low.toFixed(1) === interval.high.toFixed(1)) return t.score.steady;
  return t.score.interval(interval.low.toFixed(1), interval.high.toFixed(1));
}
