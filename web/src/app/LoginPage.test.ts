import { expect, test } from "vitest";
import { safeNext } from "./LoginPage";

test("the login leads back into this app and nowhere else", () => {
  expect(safeNext("/investigations/7/progress?tab=log#l3")).toBe("/investigations/7/progress?tab=log#l3");
  for (const next of [null, "", "https://elsewhere", "//elsewhere", "/\\elsewhere", "javascript:alert(1)"]) {
    expect(safeNext(next)).toBe("/");
  }
});
