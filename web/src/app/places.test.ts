import { expect, test } from "vitest";
import { placeOf, placesFor } from "./places";

test("the navigation offers a role what it can use, and knows the entry of every page", () => {
  const offered = (role: string) => placesFor(role).map(({ to }) => to);
  const everybody = ["/", "/templates", "/lists", "/calibration"];
  const writers = ["/", "/investigations/new", "/templates", "/datasets", "/lists", "/calibration"];
  expect(offered("auditor")).toEqual([...everybody, "/audit"]);
  expect(offered("analyst")).toEqual(writers);
  expect(offered("lead")).toEqual(writers);
  expect(offered("admin")).toEqual([...writers, "/audit", "/admin"]);

  expect(placeOf("/investigations/new")).toBe("/investigations/new");
  expect(placeOf("/investigations/newest/results")).toBe("/");
  expect(placeOf("/templates/t1/edit")).toBe("/templates");
  expect(placeOf("/nowhere")).toBe("/");
});
