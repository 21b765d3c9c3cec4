import { Button, Skeleton, Text } from "@mantine/core";
import { Suspense, useMemo, useState } from "react";
import type { Overview } from "../../api/evidence";
import type { Finding } from "../../api/results";
import { later } from "../../ui/later";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import type { Titles } from "../../ui/useTitles";
import { countryName } from "./countries";
import { rowRanges } from "./evidence";
import { byCountry, grouped, legsOf } from "./places";
import own from "./places.module.css";
import { usePrinting } from "./reading";
import classes from "./results.module.css";
import { t } from "./texts";
import { useSeen } from "./useSeen";

const PlacesMap = later(async () => (await import("./PlacesMap")).PlacesMap);

const listed = 12;

type Props = { overview: Overview; findings: readonly Finding[]; titles: Titles };

/** Where the rows of the entities took place: a map, and the same as a list. */
export function Places({ overview, findings, titles }: Props) {
  const { points, countries, columns } = overview;
  const [chosen, setChosen] = useState("");
  const [all, setAll] = useState(false);
  const whole = usePrinting() || all;
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
  const places = grouped(points, placeName);
  const place = places.find(({ name }) => name === chosen);
  const rows = (place?.points ?? []).flatMap((i) => points[i]?.rows ?? []).sort((a, b) => a - b);
  const lands = byCountry(countries);
  return (
    <Section title={t.sections.places} hint={t.places.hint} id="places">
      <div className={own.places}>
        <div ref={box}>
          {seen ? (
            <Suspense fallback={<Skeleton data-noprint height={380} />}>
              <PlacesMap
                overview={overview}
                legs={legs}
                label={t.places.map(points.length, countries.length, legs.length)}
                selected={new Set(place?.points)}
                onPoint={(i) => {
                  const point = points[i];
                  if (point) setChosen(placeName(point));
                }}
              />
            </Suspense>
          ) : (
            <Skeleton data-noprint height={380} />
          )}
          {place && (
            <Text size="sm" mt={6} role="status">
              {t.places.chosen(
                place.name,
                formatCount(place.count),
                rowRanges(rows),
                rows.length < place.count,
              )}
            </Text>
          )}
        </div>
        {points.length > 0 && (
          <ol className={own.placeList} aria-label={t.places.list}>
            {places.slice(0, listed).map(({ name, count }) => (
              <li key={name}>
                <button
                  type="button"
                  className={classes.textButton}
                  aria-pressed={name === chosen}
                  onClick={() => setChosen(name === chosen ? "" : name)}
                >
                  {name}
                </button>
                <span className={`${classes.dim} tabular`}>{t.places.rows(formatCount(count))}</span>
              </li>
            ))}
            {places.length > listed && (
              <li className={classes.dim}>{t.places.more(places.length - listed)}</li>
            )}
          </ol>
        )}
        {countries.length > 0 && (
          <ol
            className={own.placeList}
            data-below={points.length > 0 || undefined}
            aria-label={t.places.countries}
          >
            {(whole ? lands : lands.slice(0, listed)).map(({ country, count, columns }) => (
              <li key={country}>
                <span>
                  {countryName(country)}
                  <span className={classes.sub}>
                    {columns
                      .map((c) => t.places.as(titles.column(c.column), formatCount(c.count)))
                      .join(", ")}
                  </span>
                </span>
                <span className={`${classes.dim} tabular`}>{t.places.rows(formatCount(count))}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
      {lands.length > listed && !whole && (
        <Button variant="default" size="xs" mt="sm" onClick={() => setAll(true)} data-noprint>
          {t.places.showMore(lands.length - listed)}
        </Button>
      )}
    </Section>
  );
}

const placeName = ({ city, country, latitude, longitude }: Overview["points"][number]) =>
  [city, country && countryName(country)].filter(Boolean).join(", ") || `${latitude}, ${longitude}`;
