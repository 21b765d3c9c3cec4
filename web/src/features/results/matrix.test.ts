import { expect, test } from "vitest";
import { between, matrix } from "./matrix";

const value = (a: number, b: number, column: string, accounts: number) => ({
  a,
  b,
  column,
  value: "v",
  rows_a: [1],
  rows_b: [2],
  count_a: 1,
  count_b: 1,
  accounts,
});

test("what two entities share counts both ways round, the rare more than the common", () => {
  const shared = [value(0, 1, "device_id", 2), value(0, 1, "ip_address", 101), value(1, 2, "email", 2)];
  const cells = matrix(3, shared);
  expect(cells[0]?.[1]).toEqual({ count: 2, weight: 1.01 });
  expect(cells[1]?.[0]).toEqual(cells[0]?.[1]);
  expect(cells[0]?.[2]).toEqual({ count: 0, weight: 0 });
  expect(between([...shared].reverse(), 0, 1).map((v) => v.column)).toEqual(["device_id", "ip_address"]);
});
