import { beforeEach, expect, test, vi } from "vitest";
import { notTold } from "./assigned";

const item = (id: string) => ({ investigation_id: id });

beforeEach(() => localStorage.clear());

test("each assignment is told once to each user, and again after it was taken away and given back", () => {
  expect(notTold("ben", [item("a"), item("b")])).toEqual(["a", "b"]);
  expect(notTold("ben", [item("b"), item("c"), item("a")])).toEqual(["c"]);
  expect(notTold("ida", [item("a")])).toEqual(["a"]);
  expect(notTold("ben", [item("b")])).toEqual([]);
  expect(notTold("ben", [item("a"), item("b")])).toEqual(["a"]);
});

test("without storage, or with something else in it, it is told rather than lost", () => {
  localStorage.setItem("olorin-assigned ben", "{");
  expect(notTold("ben", [item("a")])).toEqual(["a"]);
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new DOMException("full", "QuotaExceededError");
  });
  expect(notTold("ben", [item("a"), item("b")])).toEqual(["b"]);
  vi.restoreAllMocks();
});
