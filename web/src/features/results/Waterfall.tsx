import { Text, VisuallyHidden } from "@mantine/core";
import { useState } from "react";
import { useSearchParams } from "react-router";
import type { Results } from "../../api/results";
import { Section } from "../../ui/Section";
import { levelOf, toneClass } from "../../ui/Tone";
import { entityName, type Titles } from "../../ui/useTitles";
import { noFilter, writeFilter } from "./findingFilter";
import { HangsOn } from "./HangsOn";
import classes from "./results.module.css";
import { formatPoints, scoredAs } from "./score";
import { t } from "./texts";
import { fold, layWaterfall } from "./waterfall";

const atFirst = 10;

type Props = { results: Results; score: number; titles: Titles };

/** What each check adds to the score; a table whose cells are drawn as bars. */
export function Waterfall({ results, score, titles }: Props) {
  const [search, setSearch] = useSearchParams();
  const { bars, sum, rest } = layWaterfall(results.contributions, score);
  const scale = Math.max(score, sum, 1);
  const [whole, setWhole] = useState(false);
  const as = scoredAs(results);
  const { shown, folded } = fold(bars, whole ? bars.length : atFirst);

  function show(check: string) {
    setSearch(writeFilter(search, { ...noFilter, check }), {
      replace: true,
      preventScrollReset: true,
    });
    document.getElementById("findings")?.scrollIntoView();
  }

  return (
    <Section
      title={t.sections.why}
      hint={as ? t.waterfall.hintOf(entityName(as.worst)) : t.waterfall.hint}
      id="why"
    >
      {bars.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.waterfall.none}
        </Text>
      ) : (
        <table className={classes.waterfall}>
          <thead>
            <tr>
              <th scope="col">{t.waterfall.check}</th>
              <th scope="col" className={classes.barCell}>
                <VisuallyHidden>{t.waterfall.sum}</VisuallyHidden>
              </th>
              <th scope="col" className={classes.right}>
                {t.waterfall.points}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ contribution, from, to }) => (
              <tr key={`${contribution.agent} ${contribution.tool}`}>
                <th scope="row">
                  <button
                    type="button"
                    className={classes.textButton}
                    onClick={() => show(contribution.tool)}
                  >
                    {titles.tool(contribution.tool)}
                  </button>
                  <span className={classes.sub}>{titles.agent(contribution.agent)}</span>
                </th>
                <td className={classes.barCell}>
                  <Bar from={from} to={to} scale={scale} tone="active" />
                </td>
                <td className={`${classes.right} tabular`}>
                  {t.waterfall.plus(formatPoints(contribution.points))}
                </td>
              </tr>
            ))}
            {folded[0] && (
              <tr>
                <th scope="row">
                  {t.waterfall.further(folded.length)}
                  <button type="button" className={classes.more} onClick={() => setWhole(true)} data-noprint>
                    {t.waterfall.showFurther}
                  </button>
                </th>
                <td className={classes.barCell}>
                  <Bar from={folded[0].from} to={sum} scale={scale} tone="active" />
                </td>
                <td className={`${classes.right} tabular`}>
                  {t.waterfall.plus(formatPoints(sum - folded[0].from))}
                </td>
              </tr>
            )}
            {rest !== 0 && (
              <tr>
                <th scope="row">{t.waterfall.rest}</th>
                <td className={classes.barCell}>
                  <Bar from={Math.min(sum, score)} to={Math.max(sum, score)} scale={scale} tone="none" />
                </td>
                <td className={`${classes.right} tabular`}>{formatPoints(rest)}</td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t.waterfall.total}</th>
              <td className={classes.barCell}>
                <Bar from={0} to={score} scale={scale} tone={levelOf(score)} />
              </td>
              <td className={`${classes.right} tabular`}>{formatPoints(score)}</td>
            </tr>
          </tfoot>
        </table>
      )}
      <HangsOn results={results} />
    </Section>
  );
}

function Bar({ from, to, scale, tone }: { from: number; to: number; scale: number; tone: string }) {
  return (
    <div className={classes.lane} aria-hidden>
      <div
        className={`${toneClass} ${classes.bar}`}
        data-tone={tone}
        style={{ left: `${(100 * from) / scale}%`, width: `${(100 * (to - from)) / scale}%` }}
      />
    </div>
  );
}
