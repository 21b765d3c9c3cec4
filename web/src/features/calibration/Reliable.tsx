import { Text } from "@mantine/core";
import type { Reliability } from "../../api/calibration";
import { formatCount, formatShare } from "../../ui/number";
import { Section } from "../../ui/Section";
import classes from "./calibration.module.css";
import { t } from "./texts";

/** Whether scores are chances: the plot where there are verdicts enough, else how many there are. */
export function Reliable({ reliability }: { reliability: Reliability }) {
  const { bins, labelled, needed, statement } = reliability;
  return (
    <Section title={t.reliability.title} {...(bins.length > 0 && { hint: t.reliability.hint })}>
      <Text size="sm">{statement}</Text>
      {bins.length === 0 ? (
        <>
          <div className={classes.meter} aria-hidden>
            <div style={{ width: `${(100 * labelled) / needed}%` }} />
          </div>
          <Text size="xs" c="dimmed" className="tabular">
            {t.reliability.progress(labelled, needed)}
          </Text>
        </>
      ) : (
        <div className={classes.reliability}>
          <Plot bins={bins} />
          <table className={classes.bins}>
            <thead>
              <tr>
                <th scope="col">{t.reliability.counts}</th>
                <th scope="col">{t.reliability.right}</th>
                <th scope="col" className={classes.right}>
                  {t.reliability.of}
                </th>
              </tr>
            </thead>
            <tbody className="tabular">
              {bins.map(({ from, to, right, interval, labelled: n }) => (
                <tr key={from}>
                  <th scope="row">
                    {formatShare(from)}–{formatShare(to)}
                  </th>
                  <td>
                    {t.reliability.share(
                      formatShare(right),
                      formatShare(interval.low),
                      formatShare(interval.high),
                    )}
                  </td>
                  <td className={classes.right}>{formatCount(n)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Section>
  );
}

const side = 240;
const margin = { left: 40, top: 8, right: 8, bottom: 36 };
const x = (share: number) => margin.left + side * share;
const y = (share: number) => margin.top + side * (1 - share);

/** Its table beside it has the same figures. */
function Plot({ bins }: Pick<Reliability, "bins">) {
  const most = Math.max(...bins.map(({ labelled }) => labelled));
  return (
    <svg
      className={classes.plot}
      viewBox={`0 0 ${margin.left + side + margin.right} ${margin.top + side + margin.bottom}`}
      role="img"
      aria-label={t.reliability.plot}
    >
      {[0, 0.25, 0.5, 0.75, 1].map((share) => (
        <g key={share}>
          <line className={classes.grid} x1={x(0)} x2={x(1)} y1={y(share)} y2={y(share)} />
          <line className={classes.grid} x1={x(share)} x2={x(share)} y1={y(0)} y2={y(1)} />
          <text className={classes.tick} x={x(0) - 6} y={y(share) + 4} textAnchor="end">
            {share}
          </text>
          <text className={classes.tick} x={x(share)} y={y(0) + 14} textAnchor="middle">
            {share}
          </text>
        </g>
      ))}
      <line className={classes.chance} x1={x(0)} y1={y(0)} x2={x(1)} y2={y(1)} />
      {bins.map(({ from, counted, right, interval, labelled }) => (
        <g key={from}>
          <line
            className={classes.whisker}
            x1={x(counted)}
            x2={x(counted)}
            y1={y(interval.low)}
            y2={y(interval.high)}
          />
          <circle
            className={classes.point}
            cx={x(counted)}
            cy={y(right)}
            r={3 + 5 * Math.sqrt(labelled / most)}
          />
        </g>
      ))}
      <text className={classes.tick} x={x(0.5)} y={y(0) + 31} textAnchor="middle">
        {t.reliability.x}
      </text>
      <text
        className={classes.tick}
        x={0}
        y={0}
        textAnchor="middle"
        transform={`translate(10 ${y(0.5)}) rotate(-90)`}
      >
        {t.reliability.y}
      </text>
    </svg>
  );
}
