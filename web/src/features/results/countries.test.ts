import { expect, test } from "vitest";
import { countryName, countryNumber } from "./countries";

test("countries are known by two and by three letters, in any case", () => {
  expect([" fr", "FRA", "us", "FJI", "XX", ""].map(countryNumber)).toEqual([
    "250",
    "250",
    "840",
    "242",
    undefined,
    undefined,
  ]);
  expect(["FR", "bra", "Atlantis"].map(countryName)).toEqual(["France", "Brazil", "Atlantis"]);
});
