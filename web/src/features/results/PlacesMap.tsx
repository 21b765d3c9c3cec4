import { geoNaturalEarth1, geoPath } from "d3-geo";
import type { FeatureCollection } from "geojson";
import { useMemo, useState } from "react";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import world from "world-atlas/countries-110m.json?raw";
import type { Overview } from "../../api/evidence";
import { formatCount } from "../../ui/number";
import { Segmented } from "../../ui/Segmented";
import { countryNumber } from "./countries";
import { cut, journeys, type Leg } from "./places";
import own from "./places.module.css";
import { t } from "./texts";

type Props = {
  overview: Overview;
  legs: readonly Leg[];
  label: string;
  selected: ReadonlySet<number>;
  onPoint: (index: number) => void;
};

const width = 960;
const height = 460;

const atlas: Topology<{ countries: GeometryCollection }> = JSON.parse(world);
const countries = feature(atlas, atlas.objects.countries);

/** The world, or the part of it where rows took place: countries by their rows, places as circles, impossible journeys as arcs. */
export function PlacesMap({ overview, legs, label, selected, onPoint }: Props) {
  const [whole, setWhole] = useState(overview.points.length === 0);
  const { points } = overview;
  const weight = useMemo(() => {
    const sums = new Map<string, number>();
    for (const { column, country, count } of overview.countries) {
      const number = countryNumber(country);
      // several columns may name the same country of the same rows: the largest count stands
      if (number) sums.set(number, Math.max(sums.get(number) ?? 0, column ? count : 0));
    }
    return sums;
  }, [overview.countries]);

  const { projection, path } = useMemo(() => {
    const projection = geoNaturalEarth1();
    const seen = cut([...points, ...legs.flatMap(({ from, to }) => [from, to])]);
    if (whole || !seen) projection.fitSize([width, height], { type: "Sphere" });
    else {
      projection.rotate([-seen.middle, 0]).fitExtent(
        [
          [60, 50],
          [width - 60, height - 50],
        ],
        { type: "MultiPoint", coordinates: seen.corners },
      );
    }
    projection.clipExtent([
      [0, 0],
      [width, height],
    ]);
    return { projection, path: geoPath(projection) };
  }, [points, legs, whole]);

  const most = Math.max(...weight.values(), 1);
  const largest = Math.max(...points.map((point) => point.count), 1);
  const shapes: FeatureCollection = countries;
  return (
    <div>
      {points.length > 0 && (
        <Segmented
          size="xs"
          style={{ marginBottom: 6 }}
          data-noprint
          value={whole ? "world" : "near"}
          onChange={(value) => setWhole(value === "world")}
          options={[
            { value: "near", label: t.places.near },
            { value: "world", label: t.places.world },
          ]}
          aria-label={t.places.extent}
        />
      )}
      <svg viewBox={`0 0 ${width} ${height}`} className={own.map} role="img" aria-label={label}>
        {shapes.features.map((country, i) => {
          const n = weight.get(String(country.id)) ?? 0;
          return (
            <path
              // biome-ignore lint/suspicious/noArrayIndexKey: the atlas is constant, and has countries without an id
              key={i}
              d={path(country) ?? undefined}
              data-seen={n > 0 || undefined}
              style={n > 0 ? { fillOpacity: 0.25 + (0.65 * Math.log1p(n)) / Math.log1p(most) } : undefined}
            >
              {n > 0 && <title>{`${country.properties?.name}: ${t.places.rows(formatCount(n))}`}</title>}
            </path>
          );
        })}
        {journeys(legs).map((leg) => (
          <path
            key={leg.key}
            className={own.leg}
            d={path({ type: "LineString", coordinates: leg.coordinates }) ?? undefined}
          >
            <title>{leg.title}</title>
          </path>
        ))}
        {points.map((point, i) => {
          const at = projection([point.longitude, point.latitude]);
          return (
            at && (
              // biome-ignore lint/a11y/noStaticElementInteractions: the list beside it is for the keyboard
              <circle
                key={`${point.latitude} ${point.longitude}`}
                cx={at[0]}
                cy={at[1]}
                r={4 + 10 * Math.sqrt(point.count / largest)}
                data-selected={selected.has(i) || undefined}
                onClick={() => onPoint(i)}
              >
                <title>{t.places.point(placeName(point), formatCount(point.count))}</title>
              </circle>
            )
          );
        })}
      </svg>
    </div>
  );
}

const placeName = ({ city, country, latitude, longitude }: Overview["points"][number]) =>
  [city, country].filter(Boolean).join(", ") || `${latitude}, ${longitude}`;
