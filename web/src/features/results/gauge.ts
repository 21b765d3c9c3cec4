const cx = 130;
const cy = 124;

export const gaugeBox = `0 0 ${2 * cx} 132`;

/** Where a score 0..100 stands on the half circle of radius r, from left to right. */
export function pointAt(score: number, r: number): { x: number; y: number } {
  const angle = (Math.PI * Math.min(100, Math.max(0, score))) / 100;
  return { x: cx - r * Math.cos(angle), y: cy - r * Math.sin(angle) };
}

const n = (value: number) => Math.round(value * 100) / 100;

/** The SVG path of the arc between two scores. */
export function arc(from: number, to: number, r: number): string {
  const a = pointAt(from, r);
  const b = pointAt(to, r);
  return `M ${n(a.x)} ${n(a.y)} A ${r} ${r} 0 0 1 ${n(b.x)} ${n(b.y)}`;
}
