import { expect, test } from "vitest";
import type { LogLine } from "../../api/log";
import { cutAt, filterLines, lineText } from "./logFilter";

const line = (n: number, level: LogLine["level"], message: string, agent = ""): LogLine => ({
  seq: n,
  line: n,
  at: "2026-11-22T09:00:00.000Z",
  level,
  agent,
  tool: "",
  message,
});
const lines = [
  line(1, "info", "Reading 100,000 rows"),
  line(2, "warn", "No column of coordinates", "location"),
  line(3, "error", "Query failed", "Network"),
];
const left = (level: "all" | "warn" | "error", text: string) =>
  filterLines(lines, { level, text }).map((l) => l.line);

test("narrows by level and by text, whatever its case", () => {
  expect(left("all", "")).toEqual([1, 2, 3]);
  expect(left("warn", "")).toEqual([2, 3]);
  expect(left("error", " ")).toEqual([3]);
  expect(left("all", "ROWS")).toEqual([1]);
  expect(left("all", "network")).toEqual([3]);
  expect(left("error", "rows")).toEqual([]);
});

test("lets everything through untouched where nothing narrows", () => {
  expect(filterLines(lines, { level: "all", text: "  " })).toBe(lines);
});

test("a line as text holds time, level, place and message", () => {
  expect(lineText({ ...line(2, "warn", "No column", "location"), tool: "GEO-01" })).toBe(
    "2026-11-22T09:00:00.000Z warn  [location/GEO-01] No column\n",
  );
});

test("hits stand at the odd places, and the parts join up to the text", () => {
  expect(cutAt("abcABCx", "bc")).toEqual(["a", "bc", "A", "BC", "x"]);
  expect(cutAt("abc", "")).toEqual(["abc"]);
  expect(cutAt("İstanbul", "i")).toEqual(["İstanbul"]);
});
