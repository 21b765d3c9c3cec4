import { Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import type { Overview, Profile, SharedValue } from "../../api/evidence";
import type { Results } from "../../api/results";
import { formatAmount, formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { RiskTag } from "../../ui/Tone";
import { entityName, type Titles, typeName } from "../../ui/useTitles";
import own from "./entities.module.css";
import { cellText, rowRanges } from "./evidence";
import { between, matrix, named } from "./matrix";
import { usePrinting } from "./reading";
import classes from "./results.module.css";
import { isSame } from "./score";
import { t } from "./texts";

const told = (n: number | null | undefined) =>
  n === null || n === undefined ? t.entities.unknown : formatAmount(n);

const money = (n: number | null, { currencies }: Profile) =>
  currencies.length > 1
    ? t.entities.currencies(currencies.join(", "))
    : [told(n), ...(n === null ? [] : currencies)].join(" ");

type Line = { label: string; value: (profile: Profile) => ReactNode; number?: (profile: Profile) => number };

type Props = { overview: Overview; results: Results; titles: Titles };

/** The entities side by side by the numbers of their rows, and what ties them to one another. */
export function Entities({ overview, results, titles }: Props) {
  const { entities, shared } = overview;
  const columns = [...new Set(entities.flatMap((entity) => Object.keys(entity.distinct)))].sort();
  const foundOn = (entity: Profile) => results.findings.filter((finding) => named(finding, entity)).length;
  const scoreOf = (entity: Profile) =>
    results.entities.find((one) => isSame(one, entity))?.risk_score ?? null;
  const lines: Line[] = [
    ...(results.entities.length > 1 && entities.some((e) => scoreOf(e) !== null)
      ? [
          {
            label: t.entities.score,
            value: (e: Profile) => <Score score={scoreOf(e)} />,
            number: (e: Profile) => scoreOf(e) ?? 0,
          },
        ]
      : []),
    { label: t.entities.rows, value: (e) => formatCount(e.rows), number: (e) => e.rows },
    { label: t.entities.findings, value: (e) => formatCount(foundOn(e)), number: foundOn },
    { label: t.entities.first, value: (e) => (e.first_at ? cellText(e.first_at) : t.entities.unknown) },
    { label: t.entities.last, value: (e) => (e.last_at ? cellText(e.last_at) : t.entities.unknown) },
    { label: t.entities.total, value: (e) => money(e.amount_total, e), number: (e) => e.amount_total ?? 0 },
    {
      label: t.entities.largest,
      value: (e) => money(e.amount_largest, e),
      number: (e) => e.amount_largest ?? 0,
    },
    { label: t.entities.refused, value: (e) => told(e.refused), number: (e) => e.refused ?? 0 },
    ...columns.map(
      (column): Line => ({
        label: t.entities.distinct(titles.column(column)),
        value: (e) => told(e.distinct[column]),
        number: (e) => e.distinct[column] ?? 0,
      }),
    ),
  ];
  const only = entities.length === 1 ? entities[0] : undefined;
  if (only) {
    return (
      <Section title={t.sections.entities} hint={t.entities.oneHint(entityName(only))} id="entities">
        <dl className={own.one}>
          {lines.slice(0, lines.length - columns.length).map(({ label, value }) => (
            <Fact key={label} label={label}>
              {value(only)}
            </Fact>
          ))}
        </dl>
        {columns.length > 0 && (
          <>
            <Text size="xs" c="dimmed" mt="lg" mb={6}>
              {t.entities.different}
            </Text>
            <dl className={own.one}>
              {columns.map((column) => (
                <Fact key={column} label={capital(titles.column(column))}>
                  {told(only.distinct[column])}
                </Fact>
              ))}
            </dl>
          </>
        )}
      </Section>
    );
  }
  return (
    <Section title={t.sections.entities} hint={t.entities.hint} id="entities">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={`${classes.evidence} ${own.whole}`} tabIndex={0} aria-label={t.entities.table}>
        <table className={own.profiles}>
          <thead>
            <tr>
              <th scope="col">{t.entities.number}</th>
              {entities.map((entity) => (
                <th key={`${entity.type} ${entity.value}`} scope="col" title={entity.value}>
                  <span className={own.name}>
                    <span className={classes.entityType}>{typeName(entity.type)}</span> {entity.value}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map(({ label, value, number }) => {
              const all = number ? entities.map(number) : [];
              const most = Math.max(0, ...all);
              const differ = all.some((n) => n !== most);
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {entities.map((entity) => (
                    <td
                      key={`${entity.type} ${entity.value}`}
                      className="tabular"
                      data-named={(number && differ && number(entity) === most) || undefined}
                    >
                      {value(entity)}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <Matrix entities={entities} shared={shared} />
    </Section>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd className="tabular">{children}</dd>
    </div>
  );
}

const Score = ({ score }: { score: number | null }) =>
  score === null ? t.entities.unknown : <RiskTag score={score} level="" exact />;

/** The deeper, the more they share. */
const shade = (share: string) => ({
  backgroundColor: `color-mix(in srgb, var(--share-ground) ${share}, var(--paper))`,
});

/** Each pair of n entities once. */
const pairs = (n: number): [number, number][] =>
  Array.from({ length: n }, (_, a) => a).flatMap((a) =>
    Array.from({ length: n - a - 1 }, (_, i): [number, number] => [a, a + 1 + i]),
  );

/** How much any two of the entities share; a cell opened tells what. */
function Matrix({ entities, shared }: { entities: readonly Profile[]; shared: readonly SharedValue[] }) {
  const [open, setOpen] = useState<[number, number] | null>(null);
  const cells = matrix(entities.length, shared);
  const most = Math.max(...cells.flat().map((cell) => cell.weight), 0);
  const printing = usePrinting();
  const opened = printing ? pairs(entities.length) : open ? [open] : [];
  return (
    <div className={own.matrixPair}>
      <div>
        <Text size="sm" fw={600} mb={2}>
          {t.matrix.title}
        </Text>
        <Text size="xs" c="dimmed" mb={6}>
          {t.matrix.hint}
        </Text>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
        <section className={own.matrixBox} tabIndex={0} aria-label={t.matrix.title}>
          <table className={own.matrix}>
            <thead>
              <tr>
                <td />
                {entities.map((entity, i) => (
                  <th key={`${entity.type} ${entity.value}`} scope="col" title={entity.value}>
                    {i + 1}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {entities.map((entity, a) => (
                <tr key={`${entity.type} ${entity.value}`}>
                  <th scope="row" title={entity.value}>
                    <span className={own.name}>
                      {a + 1} <span className={classes.entityType}>{typeName(entity.type)}</span>{" "}
                      {entity.value}
                    </span>
                  </th>
                  {entities.map((other, b) => {
                    const cell = cells[a]?.[b] ?? { count: 0, weight: 0 };
                    const key = `${other.type} ${other.value}`;
                    if (a === b) return <td key={key} data-self />;
                    return (
                      <td key={key}>
                        <button
                          type="button"
                          disabled={cell.count === 0}
                          aria-pressed={open?.[0] === Math.min(a, b) && open[1] === Math.max(a, b)}
                          aria-label={t.matrix.cell(entity.value, other.value, cell.count)}
                          onClick={() => setOpen([Math.min(a, b), Math.max(a, b)])}
                          style={shade(most > 0 ? `${Math.round((55 * cell.weight) / most)}%` : "0%")}
                        >
                          {cell.count}
                        </button>
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </div>
      <div role="status">
        {opened.map(([a, b]) => {
          const found = between(shared, a, b);
          return (
            found.length > 0 && (
              <div key={`${a} ${b}`}>
                <Text size="sm" fw={600} mb={4} className={own.shared}>
                  {t.matrix.between(entities[a]?.value ?? "", entities[b]?.value ?? "")}
                </Text>
                <ul className={own.sharedValues}>
                  {found.map((value) => (
                    <li key={`${value.column} ${value.value}`}>
                      <span className={classes.entityType}>{typeName(value.column)}</span>{" "}
                      <strong>{value.value}</strong>
                      <span className={classes.sub}>
                        {t.matrix.accounts(formatCount(value.accounts))} ·{" "}
                        {t.matrix.rows(
                          rowRanges(value.rows_a),
                          value.count_a > value.rows_a.length,
                          rowRanges(value.rows_b),
                          value.count_b > value.rows_b.length,
                        )}
                      </span>
                    </li>
                  ))}
                </ul>
              </div>
            )
          );
        })}
        {opened.length === 0 && (
          <Text size="sm" c="dimmed">
            {shared.length === 0 ? t.matrix.none : t.matrix.choose}
          </Text>
        )}
      </div>
    </div>
  );
}
