import { expect, test } from "vitest";
import { cellText, columnsOf, groupEntities, measured, pageOf, paperOf, rowRanges } from "./evidence";

test("time and identifiers stand first; columns without a value are left out", () => {
  const rows = [
    { row: 1, fields: { zeta: 1, amount: 3, event_time: "2019-12-01T00:00:00Z", device_id: null } },
    { row: 2, fields: { alpha: false, user_id: "u", device_id: "" } },
  ];
  expect(columnsOf(rows)).toEqual(["event_time", "user_id", "amount", "alpha", "zeta"]);
});

test("on paper are the first of many rows, and what all have in common is said once", () => {
  const at = "2019-12-01T00:00:00Z";
  const rows = Array.from({ length: 8 }, (_, i) => ({
    row: i,
    fields: { event_time: at, user_id: "u", amount: i },
  }));
  const paper = paperOf(rows);
  expect(paper.rows.map(({ row }) => row)).toEqual([0, 1, 2]);
  expect([paper.common, paper.columns]).toEqual([["user_id"], ["event_time", "amount"]]);
  expect(paperOf(rows.slice(0, 1))).toEqual({
    rows: rows.slice(0, 1),
    common: [],
    columns: ["event_time", "user_id", "amount"],
  });
});

test("values are shown as they stand in the data set", () => {
  expect([null, undefined, "", 0, false, 12.5, "x", { a: 1 }].map(cellText)).toEqual([
    "",
    "",
    "",
    "0",
    "false",
    "12.5",
    "x",
    '{"a":1}',
  ]);
  expect(cellText("2019-12-01T23:16:32.812Z")).toBe("2019-12-01 23:16:32.812");
  expect(cellText("2019-12-01T23:16:32.000Z")).toBe("2019-12-01 23:16:32");
  expect(cellText("12T34")).toBe("12T34");
});

test("row numbers that follow one another are drawn together", () => {
  expect(rowRanges([])).toBe("");
  expect(rowRanges([7])).toBe("7");
  expect(rowRanges([1, 2, 4, 5, 6, 9])).toBe("1, 2, 4–6, 9");
});

test("measured values are no more exact than is of use", () => {
  expect(measured(1_787_804_001)).toBe("1787804001");
  expect(measured(0.031_249_991_2)).toBe("0.03125");
  expect(measured(30_642.4412)).toBe("30642.4");
  expect(measured("own past")).toBe("own past");
});

test("entities are grouped by type, transactions last", () => {
  const of = (type: string, value: string) => ({ type, value });
  expect(groupEntities([of("transaction_id", "T1"), of("user_id", "u"), of("transaction_id", "T2")])).toEqual(
    [
      { type: "user_id", values: ["u"] },
      { type: "transaction_id", values: ["T1", "T2"] },
    ],
  );
});

test("pages hold every row once, the first those that are at hand", () => {
  expect(pageOf(0, 20, 20)).toEqual({ from: 0, to: 20, pages: 1 });
  expect(pageOf(0, 0, 3)).toEqual({ from: 0, to: 3, pages: 1 });
  for (const [atHand, total] of [
    [20, 21],
    [20, 45],
    [20, 46],
    [0, 26],
    [3, 100],
  ] as const) {
    let reached = 0;
    const { pages } = pageOf(0, atHand, total);
    for (let page = 0; page < pages; page += 1) {
      const { from, to } = pageOf(page, atHand, total);
      expect(from).toBe(reached);
      expect(to).toBeGreaterThan(from);
      reached = to;
    }
    expect(reached).toBe(total);
  }
});
