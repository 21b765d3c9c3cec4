import { afterEach, expect, test } from "vitest";
import {
  formatAgo,
  formatElapsed,
  formatInstant,
  fromWall,
  isZone,
  setZone,
  startOfDay,
  toWall,
} from "./time";

afterEach(() => setZone(""));

test.each([
  ["Europe/Vienna", "2026-11-25", "2026-11-24T23:00:00.000Z"],
  ["Europe/Vienna", "2026-07-01", "2026-06-30T22:00:00.000Z"],
  ["America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"], // the clock goes back later that day
  ["Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00.000Z"],
  ["Asia/Kolkata", "2026-03-29", "2026-03-28T18:30:00.000Z"],
  ["UTC", "2024-02-29", "2024-02-29T00:00:00.000Z"],
])("in %s the day %s begins at %s", (zone, day, instant) => {
  setZone(zone);
  expect(startOfDay(day)?.toISOString()).toBe(instant);
});

test("the day after the last day of a range is its end", () => {
  setZone("Europe/Vienna");
  expect(startOfDay("2026-10-25", 1)?.toISOString()).toBe("2026-10-25T23:00:00.000Z");
  expect(startOfDay("2026-12-31", 1)?.toISOString()).toBe("2026-12-31T23:00:00.000Z");
});

test.each([
  ["Europe/Vienna", "2026-11-25T13:05:59.900Z", "2026-11-25 14:05:59"],
  ["Asia/Kolkata", "2026-12-31T18:30:00.000Z", "2027-01-01 00:00:00"],
  ["America/New_York", "2026-03-08T07:00:00.000Z", "2026-03-08 03:00:00"], // an hour after two, which there was not
])("in %s the clock shows at %s: %s", (zone, instant, wall) => {
  setZone(zone);
  expect(toWall(instant)).toBe(wall);
  expect(fromWall(wall)?.toISOString()).toBe(`${instant.slice(0, 20)}000Z`);
  expect(fromWall("when?")).toBeNull();
});

test("what is no day is none", () => {
  for (const text of ["", "2026-13-01", "2026-02-30", "yesterday", "2026-1-1"])
    expect(startOfDay(text)).toBeNull();
});

test("times are shown in the chosen zone; an unknown one is the browser's", () => {
  const at = "2026-11-25T12:00:00.000Z";
  const here = formatInstant(at);
  setZone("Asia/Tokyo");
  expect(formatInstant(at)).toMatch(/9:00|21:00/);
  expect(isZone("Mars/Olympus")).toBe(false);
  setZone("Mars/Olympus");
  expect(formatInstant(at)).toBe(here);
});

test.each([
  [-40, "0 s"], // the server's clock may be ahead
  [180, "0 s"],
  [59_999, "59 s"],
  [61_000, "1 min 01 s"],
])("what has been going on for %i ms is told in whole seconds: %s", (ms, told) => {
  expect(formatElapsed(ms)).toBe(told);
});

test.each([
  [0, "now"],
  [-999, "now"],
  [-1000, "1 s ago"],
  [-90_000, "2 min ago"],
  [-7_200_000, "2 h ago"],
  [-86_400_000, "yesterday"],
  [-3 * 86_400_000, "3 days ago"],
  [-8 * 86_400_000, "1 week ago"],
  [-70 * 86_400_000, "2 months ago"],
  [5 * 60_000, "in 5 min"],
])("what is %d ms away is %s", (delta, words) => {
  const now = Date.parse("2026-11-25T12:00:00.000Z");
  expect(formatAgo(new Date(now + delta).toISOString(), now)).toBe(words);
});
