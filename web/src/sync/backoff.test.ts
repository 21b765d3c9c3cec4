import { expect, test } from "vitest";
import { backoffMs } from "./backoff";

const plain = { multiplier: 2, maxMs: 30_000 };

test("waits double from 2 s up to the bound", () => {
  const waits = [1, 2, 3, 4, 5, 6].map((failures) => backoffMs(failures, plain, 0.5));
  expect(waits).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test("the jitter is at most a fifth either way", () => {
  expect(backoffMs(1, plain, 0)).toBe(1600);
  expect(backoffMs(1, plain, 1)).toBe(2400);
});
