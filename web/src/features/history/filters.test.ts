import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { entityTypes } from "../../api/entity";
import { whose } from "../../api/history";
import { severities } from "../../api/severity";
import { statuses } from "../../api/status";
import { setZone } from "../../ui/time";
import {
  type Filters,
  isNarrow,
  noFilters,
  readFilters,
  sortBy,
  sortFields,
  toQuery,
  writeFilters,
} from "./filters";

const filters: fc.Arbitrary<Filters> = fc.record({
  status: fc.subarray([...statuses]),
  risk: fc.subarray([...severities]),
  types: fc.subarray([...entityTypes]),
  owners: fc.uniqueArray(
    fc.string({ minLength: 1, maxLength: 20 }).filter((s) => !s.includes(",")),
    { maxLength: 5 },
  ),
  from: fc.constantFrom("", "2026-01-31", "2024-02-29"),
  to: fc.constantFrom("", "2026-11-25", "1999-12-31"),
  text: fc.string({ maxLength: 200 }).map((s) => (s.trim() ? s : "")),
  whose: fc.constantFrom(...whose),
  archived: fc.boolean(),
  sort: fc.record({ field: fc.constantFrom(...sortFields), descending: fc.boolean() }),
  page: fc.integer({ min: 1, max: 1000 }),
});

test("filters go through an address unchanged", () => {
  fc.assert(
    fc.property(filters, (given) => {
      expect(readFilters(new URLSearchParams(writeFilters(given).toString()))).toEqual(given);
    }),
  );
});

test("the usual has a short address", () => {
  expect(writeFilters(noFilters).toString()).toBe("");
  expect(readFilters(new URLSearchParams())).toEqual(noFilters);
});

test("what does not make sense in an address is passed over", () => {
  const search = new URLSearchParams(
    "status=gone,running&from=yesterday&to=2026-02-30&entity_type=cat&owner=,&risk_level=x&archived=yes&sort=-password&page=-3&q=a",
  );
  expect(readFilters(search)).toEqual({ ...noFilters, status: ["running"], text: "a" });
  for (const page of ["", "1.5", "NaN", "1e99", "zero"])
    expect(readFilters(new URLSearchParams({ page })).page).toBe(1);
});

test("the server is always told the order, the page and how many", () => {
  expect(toQuery({ ...noFilters, status: ["paused", "error"], text: " ana ", page: 3 }).toString()).toBe(
    "status=paused%2Cerror&q=ana&page=3&sort=-updated_at&limit=20",
  );
});

test("days are whole, in the zone that is shown, whichever of them is given first", () => {
  setZone("Europe/Vienna");
  const range = toQuery({ ...noFilters, from: "2026-11-25", to: "2026-11-24" });
  expect([range.get("from"), range.get("to")]).toEqual([
    "2026-11-23T23:00:00.000Z",
    "2026-11-25T23:00:00.000Z",
  ]);
  setZone("");
});

test("the archive is a place, not a filter", () => {
  expect(isNarrow({ ...noFilters, archived: true })).toBe(false);
  expect(isNarrow({ ...noFilters, text: "x" })).toBe(true);
});

test("a second click on a column turns the order round", () => {
  expect(sortBy(noFilters.sort, "risk_score")).toEqual({ field: "risk_score", descending: true });
  expect(sortBy({ field: "risk_score", descending: true }, "risk_score").descending).toBe(false);
  expect(sortBy(noFilters.sort, "name").descending).toBe(false);
});

test("early.js asks for the list that the page shows first", () => {
  const asked = `/wizard/history?${toQuery(readFilters(new URLSearchParams()))}`;
  expect(readFileSync("public/early.js", "utf8")).toContain(`"${asked}"`);
});
