import type { Finding } from "../../api/results";

type Point = { latitude: number; longitude: number };

/** A journey that one account cannot have made, or the way between two rows of one finding. */
export type Leg = { key: string; title: string; from: Point; to: Point };

/** The ways between the places of findings on travel, in the order of their rows. */
export function legsOf(findings: readonly Finding[]): Leg[] {
  return findings.flatMap((finding) => {
    if (finding.group !== "travel") return [];
    const stops = finding.evidence.flatMap(({ fields: { latitude, longitude } }) =>
      typeof latitude === "number" && typeof longitude === "number" ? [{ latitude, longitude }] : [],
    );
    return stops.slice(1).flatMap((to, i) => {
      const from = stops[i];
      return from && (from.latitude !== to.latitude || from.longitude !== to.longitude)
        ? [{ key: `${finding.id} ${i}`, title: finding.sentence, from, to }]
        : [];
    });
  });
}

type Place = { city: string; country: string; latitude: number; longitude: number; count: number };

/** Places of one name as one, with the numbers of its points, the most rows first: a town is drawn where its rows are, and listed once. */
export function grouped<P extends Place>(points: readonly P[], nameOf: (point: P) => string) {
  const groups = new Map<string, { name: string; count: number; points: number[] }>();
  points.forEach((point, i) => {
    const name = nameOf(point);
    const group = groups.get(name) ?? { name, count: 0, points: [] };
    group.count += point.count;
    group.points.push(i);
    groups.set(name, group);
  });
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

type Land = { column: string; country: string; count: number };

/** Each country once, by the column that most rows name it in, with the others beside it. */
export function byCountry(countries: readonly Land[]) {
  const found = new Map<string, Land[]>();
  for (const land of countries) found.set(land.country, [...(found.get(land.country) ?? []), land]);
  return [...found]
    .map(([country, columns]) => ({ country, columns, count: Math.max(...columns.map((c) => c.count)) }))
    .sort((a, b) => b.count - a.count);
}

export const journeys = (legs: readonly Leg[]) =>
  legs.map(({ key, title, from, to }) => ({
    key,
    title,
    coordinates: [
      [from.longitude, from.latitude],
      [to.longitude, to.latitude],
    ],
  }));

/**
 * The part of the world that holds all points, with some ground around them: the meridian of its middle, and its corners. Points
 * on both sides of the antimeridian are near one another. Null where there is none, or where they lie all around the world.
 */
export function cut(points: readonly Point[]): { middle: number; corners: [number, number][] } | null {
  const longitudes = points.map((point) => point.longitude).sort((a, b) => a - b);
  const first = longitudes[0];
  if (first === undefined) return null;
  // the widest gap on the circle is where the map is cut open
  let gap = 0;
  let west = first;
  longitudes.forEach((at, i) => {
    const next = longitudes[i + 1] ?? first + 360;
    if (next - at > gap) {
      gap = next - at;
      west = next;
    }
  });
  const span = 360 - gap;
  if (span > 240) return null;
  const latitudes = points.map((point) => point.latitude);
  const ground = Math.max(4, span * 0.08);
  const wrap = (longitude: number) => ((((longitude + 180) % 360) + 360) % 360) - 180;
  const [w, e] = [wrap(west - ground), wrap(west + span + ground)];
  const s = Math.max(-85, Math.min(...latitudes) - ground);
  const n = Math.min(85, Math.max(...latitudes) + ground);
  return {
    middle: wrap(west + span / 2),
    corners: [
      [w, s],
      [w, n],
      [e, s],
      [e, n],
    ],
  };
}
