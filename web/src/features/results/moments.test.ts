import { expect, test } from "vitest";
import type { Results } from "../../api/results";
import { byTitle, moments } from "./moments";

const entry = (row: number, severity: Results["timeline"][number]["severity"], title: string) => ({
  at: `2026-06-01T00:0${row}:00.000Z`,
  finding_id: title,
  title,
  severity,
  row,
});

test("a row that several findings cite is one moment, the gravest first, in order of time", () => {
  const found = moments([
    entry(2, "low", "c"),
    entry(1, "low", "b"),
    entry(1, "high", "a"),
    entry(1, "low", "d"),
  ]);
  expect(
    found.map(({ row, found }) => [
      row,
      found.map(({ severity, entries }) => [severity, entries.map((e) => e.title)]),
    ]),
  ).toEqual([
    [
      1,
      [
        ["high", ["a"]],
        ["low", ["b", "d"]],
      ],
    ],
    [2, [["low", ["c"]]]],
  ]);
});

test("a title that several findings of a row have is told once, with how many", () => {
  const found = byTitle([
    entry(1, "low", "a"),
    entry(1, "low", "b"),
    { ...entry(1, "low", "a"), finding_id: "2" },
  ]);
  expect(found.map(([first, times]) => [first.finding_id, times])).toEqual([
    ["a", 2],
    ["b", 1],
  ]);
});
