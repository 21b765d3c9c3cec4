import { expect, test } from "vitest";
import { intervalText } from "./score";

test("the interval is told as wide as it is, and never as nothing while something is open", () => {
  expect(intervalText({ low: 38.2, high: 51.6 }, 4)).toBe("38–52 depending on what was not assessed");
  expect(intervalText({ low: 91.7, high: 92 }, 3)).toBe("91.7–92.0 depending on what was not assessed");
  expect(intervalText({ low: 91.7, high: 91.72 }, 3)).toMatch(/could hardly change/);
  expect(intervalText(null, 3)).toMatch(/not known/);
  expect(intervalText({ low: 40, high: 40 }, 0)).toMatch(/Every check assessed/);
});
