// Makes runner/agents/countries.csv: a middle and a reach for every country, so that two countries can be told to be far apart.
//
//   npm install --prefix /tmp/countries world-atlas@2.0.2 i18n-iso-countries@7.14.0
//   node tools/countries.mjs /tmp/countries/node_modules > runner/agents/countries.csv
//
// Shapes: Natural Earth 1:50m (public domain), as packed by world-atlas. Codes: ISO 3166-1. The middle is that of the country's area,
// the reach the distance from it to the farthest point of a part that has a fifth of the area or more: distant islands do not count.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.argv[2];
const atlas = JSON.parse(readFileSync(join(modules, "world-atlas/countries-50m.json"), "utf8"));
const codes = JSON.parse(readFileSync(join(modules, "i18n-iso-countries/codes.json"), "utf8"));

const { scale, translate } = atlas.transform;
const arcs = atlas.arcs.map((arc) => {
  let x = 0;
  let y = 0;
  return arc.map(([dx, dy]) => {
    x += dx;
    y += dy;
    return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
  });
});
const ring = (list) => list.flatMap((i) => (i < 0 ? arcs[~i].toReversed() : arcs[i]));

const rad = Math.PI / 180;
const point = ([lon, lat]) => [Math.cos(lat * rad) * Math.cos(lon * rad), Math.cos(lat * rad) * Math.sin(lon * rad), Math.sin(lat * rad)];
const km = (a, b) => 6371 * Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])));
const unit = (v) => {
  const n = Math.hypot(...v) || 1;
  return v.map((x) => x / n);
};

// The area of a ring on the sphere, as a vector: its length is the area's, its direction the middle's.
const vector = (points) => {
  const sum = [0, 0, 0];
  for (let i = 0; i < points.length; i++) {
    const a = points[i];
    const b = points[(i + 1) % points.length];
    sum[0] += (a[1] * b[2] - a[2] * b[1]) / 2;
    sum[1] += (a[2] * b[0] - a[0] * b[2]) / 2;
    sum[2] += (a[0] * b[1] - a[1] * b[0]) / 2;
  }
  return sum;
};

const rows = [];
for (const g of atlas.objects.countries.geometries) {
  const code = codes.find((c) => c[2] === g.id);
  if (!code) continue;
  const polygons = (g.type === "Polygon" ? [g.arcs] : g.arcs).map((p) => ring(p[0]).map(point));
  const parts = polygons.map((points) => {
    let v = vector(points);
    const mean = points.reduce((s, p) => [s[0] + p[0], s[1] + p[1], s[2] + p[2]], [0, 0, 0]);
    if (v[0] * mean[0] + v[1] * mean[1] + v[2] * mean[2] < 0) v = v.map((x) => -x);
    return { points, v, area: Math.hypot(...v) };
  });
  const total = parts.reduce((s, p) => s + p.area, 0);
  const large = parts.filter((p) => p.area >= total / 5);
  const middle = unit(large.reduce((s, p) => [s[0] + p.v[0], s[1] + p.v[1], s[2] + p.v[2]], [0, 0, 0]));
  const reach = Math.max(...large.flatMap((p) => p.points.map((q) => km(middle, q))));
  const lat = Math.asin(middle[2]) / rad;
  const lon = Math.atan2(middle[1], middle[0]) / rad;
  rows.push([code[0], code[1], g.properties.name.toUpperCase().replaceAll(",", ""), lat.toFixed(2), lon.toFixed(2), Math.ceil(reach)]);
}
rows.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
const seen = new Set();
for (const row of rows) {
  if (seen.has(row[0])) continue;
  seen.add(row[0]);
  process.stdout.write(`${row.join(",")}\n`);
}
