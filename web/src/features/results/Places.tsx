import { Skeleton, Text } from "@mantine/core";
import { lazy, Suspense, useMemo, useState } from "react";
import type { Overview } from "../../api/evidence";
import type { Finding } from "../../api/results";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import type { Titles } from "../../ui/useTitles";
import { countryName } from "./countries";
import { rowRanges } from "./evidence";
import { legsOf } from "./places";
import own from "./places.module.css";
import classes from "./results.module.css";
import { t } from "./texts";
import { useSeen } from "./useSeen";

const PlacesMap = lazy(async () => ({ default: (await import("./PlacesMap")).PlacesMap }));

const listed = 12;

type Props = { overview: Overview; findings: readonly Finding[]; titles: Titles };

/** Where the rows of the entities took place: a map, and the same as a list. */
export function Places({ overview, findings, titles }: Props) {
  const { points, countries, columns } = overview;
  const [selected, setSelected] = useState<number | null>(null);
  const [box, seen] = useSeen<HTMLDivElement>();
  const legs = useMemo(() => legsOf(findings), [findings]);
  if (points.length === 0 && countries.length === 0) {
    return (
      <Section title={t.sections.places} id="places">
        <Text size="sm" c="dimmed">
          {columns.length === 0
            ? t.places.noColumns
            : t.places.noValues(columns.map(titles.column).join(", "))}
        </Text>
      </Section>
    );
  }
  const point = selected === null ? undefined : points[selected];
  return (
    <Section title={t.sections.places} hint={t.places.hint} id="places">
      <div className={own.places}>
        <div ref={box}>
          {seen ? (
            <Suspense fallback={<Skeleton height={380} />}>
              <PlacesMap
                overview={overview}
                legs={legs}
                label={t.places.map(points.length, countries.length, legs.length)}
                selected={selected}
                onPoint={setSelected}
              />
            </Suspense>
          ) : (
            <Skeleton height={380} />
          )}
          {point && (
            <Text size="sm" mt={6} role="status">
              {t.places.chosen(
                placeName(point),
                formatCount(point.count),
                rowRanges(point.rows),
                point.rows.length < point.count,
              )}
            </Text>
          )}
        </div>
        <div>
          {points.length > 0 && (
            <ol className={own.placeList} aria-label={t.places.list}>
              {points.slice(0, listed).map((p, i) => (
                <li key={`${p.latitude} ${p.longitude}`}>
                  <button
                    type="button"
                    className={classes.textButton}
                    aria-pressed={i === selected}
                    onClick={() => setSelected(i === selected ? null : i)}
                  >
                    {placeName(p)}
                  </button>
                  <span className={`${classes.dim} tabular`}>{t.places.rows(formatCount(p.count))}</span>
                </li>
              ))}
              {points.length > listed && (
                <li className={classes.dim}>{t.places.more(points.length - listed)}</li>
              )}
            </ol>
          )}
          {countries.length > 0 && (
            <ol className={own.placeList} aria-label={t.places.countries}>
              {countries.slice(0, listed).map((c) => (
                <li key={`${c.column} ${c.country}`}>
                  <span>
                    {countryName(c.country)} <span className={classes.dim}>{titles.column(c.column)}</span>
                  </span>
                  <span className={`${classes.dim} tabular`}>{t.places.rows(formatCount(c.count))}</span>
                </li>
              ))}
              {countries.length > listed && (
                <li className={classes.dim}>{t.places.more(countries.length - listed)}</li>
              )}
            </ol>
          )}
        </div>
      </div>
    </Section>
  );
}

const placeName = ({ city, country, latitude, longitude }: Overview["points"][number]) =>
  [city, country && countryName(country)].filter(Boolean).join(", ") || `${latitude}, ${longitude}`;
