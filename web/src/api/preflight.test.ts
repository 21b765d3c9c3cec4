import { expect, test } from "vitest";
import { preflight } from "./preflight";

const told = { ready: false, faults: [], warnings: [], entities: [], rows_in_scope: 0 };

test("rows that were not counted are not told as none", () => {
  expect(preflight.parse(told).rows).toBeNull();
  const entities = [{ type: "user_id", value: "u-1", rows: 0 }];
  expect(preflight.parse({ ...told, entities }).rows).toBe(0);
});

test("a fault is told as a sentence at its place", () => {
  const pointer = "/settings/entities/0/value";
  const faults = [{ pointer, code: "format", detail: "it is no IP address" }];
  expect(preflight.parse({ ...told, faults }).faults).toEqual([
    { pointer, code: "format", detail: "It is no IP address" },
  ]);
  expect(preflight.parse({ ...told, warnings: faults }).warnings[0]?.detail).toBe("It is no IP address");
});
