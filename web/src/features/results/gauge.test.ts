import { expect, test } from "vitest";
import { arc, pointAt } from "./gauge";

test("the scale runs over the top from left to right", () => {
  expect(pointAt(0, 100).x).toBeCloseTo(30);
  expect(pointAt(50, 100).y).toBeCloseTo(24);
  expect(pointAt(100, 100).x).toBeCloseTo(230);
});

test("scores outside the scale stand at its ends", () => {
  expect(pointAt(-5, 80)).toEqual(pointAt(0, 80));
  expect(pointAt(140, 80)).toEqual(pointAt(100, 80));
});

test("an arc begins and ends at its scores", () => {
  expect(arc(0, 50, 100)).toBe("M 30 124 A 100 100 0 0 1 130 24");
});
