import { expect, test } from "vitest";
import type { Results } from "../../api/results";
import { moments } from "./moments";

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
