import type { Investigation } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { t as words } from "../../app/texts";
import { Section } from "../../ui/Section";
import { RiskTag, toneClass } from "../../ui/Tone";
import { formatClock } from "../../ui/time";
import type { Titles } from "../../ui/useTitles";
import classes from "./progress.module.css";
import { highest } from "./riskCurve";
import { t } from "./texts";
import { useRisk } from "./useRisk";
import { useRunClock } from "./useRunClock";

const levels = [
  { at: 80, name: words.risk.critical },
  { at: 60, name: words.risk.high },
  { at: 40, name: words.risk.medium },
];

/** The highest risk that any agent saw, over the time of the run, with the findings below. */
export function RiskOverTime({ investigation, titles }: { investigation: Investigation; titles: Titles }) {
  const { status, started_at, finished_at, results, settings, progress } = investigation;
  const points = highest(useRisk(investigation));
  const { now } = useRunClock(status === "running");
  const last = points.at(-1);
  if (!last || !started_at) return null;

  const assessed = progress.tools.some(({ outcome }) => outcome === "fired" || outcome === "clear");
  const from = Date.parse(started_at);
  const end = finished_at ? Date.parse(finished_at) : status === "running" ? now : last.at;
  const to = Math.max(end, last.at, from + 1);
  const x = (at: number) => (100 * Math.min(Math.max(at - from, 0), to - from)) / (to - from);
  const y = (risk: number) => 100 - risk;
  const line = points
    .map(({ at, risk }, i) => {
      const before = points[i - 1];
      return `${i === 0 ? "M" : "L"} ${x(at)} ${y(before?.risk ?? 0)} L ${x(at)} ${y(risk)}`;
    })
    .join(" ");
  const whole = `${line} L 100 ${y(last.risk)}`;

  return (
    <Section
      title={t.curve.title}
      hint={t.curve.hint}
      aside={assessed ? <RiskTag score={last.risk} level={null} /> : t.noRisk}
    >
      <div className={`${toneClass} ${classes.curve}`} data-tone="active">
        <div className={classes.curvePlot}>
          <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
            {levels.map(({ at }) => (
              <line key={at} x1={0} x2={100} y1={y(at)} y2={y(at)} className={classes.curveLevel} />
            ))}
            <line
              x1={0}
              x2={100}
              y1={y(settings.risk_threshold)}
              y2={y(settings.risk_threshold)}
              className={classes.curveThreshold}
            />
            <path
              d={`${whole} L 100 100 L ${x(points[0]?.at ?? from)} 100 Z`}
              className={classes.curveArea}
            />
            <path d={whole} className={classes.curveLine} />
          </svg>
          <Ticks findings={results?.findings ?? []} x={x} />
        </div>
        {levels.map(({ at, name }) => (
          <span key={at} className={classes.curveName} style={{ top: `${y(at)}%` }} aria-hidden>
            {name}
          </span>
        ))}
      </div>
      <div className={`${classes.curveEnds} tabular`} aria-hidden>
        <span>{formatClock(new Date(from))}</span>
        <span>{formatClock(new Date(to))}</span>
      </div>
      <ol className={classes.spoken}>
        {points.map(({ at, risk, agent }) => (
          <li key={at}>{t.curve.step(formatClock(new Date(at)), risk, titles.agent(agent))}</li>
        ))}
      </ol>
    </Section>
  );
}

/** When findings came, by severity. */
function Ticks({ findings, x }: { findings: readonly Finding[]; x: (at: number) => number }) {
  return findings.map(
    ({ id, found_at, severity }) =>
      found_at && (
        <span
          key={id}
          className={`${toneClass} ${classes.curveTick}`}
          data-tone={severity}
          style={{ left: `${x(Date.parse(found_at))}%` }}
          aria-hidden
        />
      ),
  );
}
