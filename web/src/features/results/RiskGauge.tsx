import type { RiskLevel } from "../../api/severity";
import { t as words } from "../../app/texts";
import { formatScore, toneClass } from "../../ui/Tone";
import { arc, gaugeBox, pointAt } from "./gauge";
import classes from "./results.module.css";
import { t } from "./texts";

type Props = {
  score: number;
  level: RiskLevel;
  interval: { low: number; high: number } | null;
  /** The interval in words. */
  bounds: string;
  threshold: number;
};

const bands = [40, 60, 80];
const track = 96;
const band = 112;

/** The score on a half circle, the band it may lie in around it, and the person's threshold as a tick. */
export function RiskGauge({ score, level, interval, bounds, threshold }: Props) {
  const wide = interval !== null && interval.high - interval.low >= 0.5;
  const inner = pointAt(threshold, track - 11);
  const outer = pointAt(threshold, track + 11);
  const label = t.score.label(formatScore(score), words.risk[level], bounds);
  return (
    <svg
      viewBox={gaugeBox}
      className={`${toneClass} ${classes.gauge}`}
      data-tone={level}
      role="img"
      aria-label={label}
    >
      <path d={arc(0, 100, track)} className={classes.gaugeTrack} />
      {bands.map((bound) => {
        const a = pointAt(bound, track - 9);
        const b = pointAt(bound, track + 9);
        return <line key={bound} x1={a.x} y1={a.y} x2={b.x} y2={b.y} className={classes.gaugeTick} />;
      })}
      {score > 0 && <path d={arc(0, score, track)} className={classes.gaugeScore} />}
      {interval && wide && <path d={arc(interval.low, interval.high, band)} className={classes.gaugeBand} />}
      <line x1={inner.x} y1={inner.y} x2={outer.x} y2={outer.y} className={classes.gaugeThreshold} />
      <text x="130" y="104" textAnchor="middle" className={classes.gaugeNumber}>
        {formatScore(score)}
      </text>
      <text x="130" y="124" textAnchor="middle" className={classes.gaugeOf}>
        {t.score.of}
      </text>
    </svg>
  );
}
