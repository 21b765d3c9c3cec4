/** A score without a false exactness: "47". Small ones keep a digit: "0.4". */
export function formatScore(score: number): string {
  return score > 0 && score < 1 ? score.toFixed(1) : String(Math.round(score));
}

/** Points of a score: "12.4". */
export const formatPoints = (points: number) => points.toFixed(1);
