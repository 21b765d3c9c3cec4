import { expect, test } from "vitest";
import { etaText } from "./eta";

test.each([
  [null, "measuring…"],
  [Number.NaN, "measuring…"],
  [0, "finishing"],
  [0.4, "a few seconds left"],
  [38.2, "about 40 s left"],
  [89, "about 90 s left"],
  [170, "about 3 min left"],
  [5399, "about 90 min left"],
  [5400, "about 1.5 h left"],
])("%s is told as %s", (seconds, text) => {
  expect(etaText(seconds)).toBe(text);
});
