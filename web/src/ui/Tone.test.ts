import { expect, test } from "vitest";
import { formatScore, levelOf } from "./Tone";

test.each([
  [0, "0"],
  [0.4, "0.4"],
  [47.4, "47"],
  [39.6, "39.6"],
  [39.97, "39.9"],
  [79.5, "79.5"],
  [80, "80"],
])("a score of %d is told as %s, in the band that it is in", (score, text) => {
  expect(formatScore(score)).toBe(text);
  expect(levelOf(Number(text))).toBe(levelOf(score));
});
