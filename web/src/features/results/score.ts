/** Points of a score: "12.4". */
export const formatPoints = (points: number) => points.toFixed(1);
