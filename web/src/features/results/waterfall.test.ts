import fc from "fast-check";
import { expect, test } from "vitest";
import { fold, layWaterfall } from "./waterfall";

const of = (...points: number[]) => points.map((p, i) => ({ tool: `t${i}`, agent: "a", points: p }));

test("each bar begins where the one before ends, and the last ends at the score", () => {
  const { bars, rest } = layWaterfall(of(40, 20.5, 3), 63.5);
  expect(bars.map(({ from, to }) => [from, to])).toEqual([
    [0, 40],
    [40, 60.5],
    [60.5, 63.5],
  ]);
  expect(rest).toBe(0);
});

test("what the bars do not account for is told, not hidden", () => {
  expect(layWaterfall(of(10), 15).rest).toBe(5);
  expect(layWaterfall([], 0).rest).toBe(0);
  expect(layWaterfall(of(10.04), 10).rest).toBe(0);
});

test("the bars and the rest always add up to the score", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 30 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (points, score) => {
        const { bars, sum, rest } = layWaterfall(of(...points), score);
        expect(bars.reduce((total, bar) => total + bar.to - bar.from, 0)).toBeCloseTo(sum, 6);
        expect(Math.abs(sum + rest - score)).toBeLessThan(0.05 + 1e-9);
      },
    ),
  );
});

test("folding keeps every bar, and never folds a single one", () => {
  const { bars } = layWaterfall(of(5, 4, 3, 2, 1), 15);
  expect(fold(bars, 3).shown).toHaveLength(3);
  expect(fold(bars, 3).folded.map((bar) => bar.to)).toEqual([14, 15]);
  expect(fold(bars, 4).folded).toHaveLength(0);
  expect(fold([], 4)).toEqual({ shown: [], folded: [] });
});
