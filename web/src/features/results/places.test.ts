import { geoNaturalEarth1, geoPath } from "d3-geo";
import { expect, test } from "vitest";
import { finding } from "../../api/results";
import { byCountry, cut, grouped, journeys, legsOf } from "./places";

const at = (latitude: number, longitude: number) => ({ latitude, longitude });

test("the map is cut open where nothing is, also across the antimeridian", () => {
  expect(cut([])).toBeNull();
  expect(cut([-144, -72, 0, 72, 144].map((longitude) => at(0, longitude)))).toBeNull();
  expect(cut([at(48.9, 2.4)])?.middle).toBeCloseTo(2.4);
  const pacific = cut([at(-17.7, 178.1), at(-13.8, -171.8)]);
  expect(pacific?.middle).toBeCloseTo(-176.85);
  expect(pacific?.corners[0]?.[0]).toBeCloseTo(174.1);
  expect(pacific?.corners[2]?.[0]).toBeCloseTo(-167.8);
});

test("a journey over the antimeridian draws no streak through the map", () => {
  const projection = geoNaturalEarth1().fitSize([960, 460], { type: "Sphere" });
  const [way] = journeys([{ key: "k", title: "t", from: at(-17.7, 178.1), to: at(-13.8, -171.8) }]);
  const drawn = geoPath(projection)({ type: "LineString", coordinates: way?.coordinates ?? [] }) ?? "";
  expect(drawn.match(/M/g)).toHaveLength(2);
  for (const part of drawn.split("M").filter(Boolean)) {
    const xs = [...part.matchAll(/(-?[\d.]+),-?[\d.]+/g)].map(([, x]) => Number(x));
    expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(60);
  }
});

test("findings on travel are drawn from place to place, others are not", () => {
  const found = (group: string) =>
    finding.parse({
      id: group,
      agent: "location",
      tool: "GEO-01",
      group,
      severity: "high",
      title: "t",
      sentence: "s",
      strength: 1,
      weight: 1,
      evidence: [at(1, 2), at(1, 2), {}, at(3, 4)].map((fields, row) => ({ row, fields })),
    });
  expect(legsOf([found("travel"), found("country")])).toEqual([
    { key: "travel 1", title: "s", from: at(1, 2), to: at(3, 4) },
  ]);
});

test("a town with many points is listed once, and so is a country that several columns name", () => {
  const point = (city: string, latitude: number, count: number) => ({
    city,
    country: "US",
    latitude,
    longitude: 0,
    count,
  });
  const places = grouped(
    [point("Chicago", 41.8, 7), point("Boston", 42.3, 9), point("Chicago", 41.9, 5)],
    (p) => p.city,
  );
  expect(places).toEqual([
    { name: "Chicago", count: 12, points: [0, 2] },
    { name: "Boston", count: 9, points: [1] },
  ]);
  const lands = byCountry([
    { column: "ip_country", country: "US", count: 79 },
    { column: "ip_country", country: "NG", count: 60 },
    { column: "card_country", country: "US", count: 52 },
  ]);
  expect(lands.map(({ country, count, columns }) => [country, count, columns.length])).toEqual([
    ["US", 79, 2],
    ["NG", 60, 1],
  ]);
});
