import type { ReactNode } from "react";
import type { RiskLevel, Severity } from "../api/severity";
import { t } from "../app/texts";
import classes from "./tone.module.css";

/** How alarming a thing is; the colours are in tone.module.css. */
export type ToneName =
  | "low"
  | "medium"
  | "high"
  | "critical"
  | "fired"
  | "clear"
  | "failed"
  | "active"
  | "none";

/** The class that gives an element and what is in it the colours of `data-tone`. */
export const toneClass = classes.tone ?? "";

type TagProps = { tone: ToneName; dot?: boolean; title?: string; children: ReactNode };

/** A short coloured word. The word says it, the colour only helps. */
export function Tag({ tone, dot = false, title, children }: TagProps) {
  return (
    <span className={`${classes.tone} ${classes.tag}`} data-tone={tone} title={title}>
      {dot && <span className={classes.dot} aria-hidden />}
      {children}
    </span>
  );
}

/** A coloured point, for the eye only. */
export function Dot({ tone }: { tone: ToneName }) {
  return <span className={`${classes.tone} ${classes.dot}`} data-tone={tone} aria-hidden />;
}

/** How grave a finding is. */
export const SeverityTag = ({ severity }: { severity: Severity }) => (
  <Tag tone={severity} dot>
    {t.risk[severity]}
  </Tag>
);

/** A score 0..100 with the word for its band. */
export function RiskTag({
  score,
  level,
  exact,
}: {
  score: number;
  level: RiskLevel | "" | null;
  /** With a digit, where several stand side by side. */
  exact?: boolean;
}) {
  const band = level || levelOf(score);
  return (
    <Tag tone={band}>
      <span className="tabular">{exact ? score.toFixed(1) : formatScore(score)}</span>
      <span>{t.risk[band]}</span>
    </Tag>
  );
}

/** A score without a false exactness: "47". Small ones keep a digit: "0.4"; so does what would round into the next band: "39.9". */
export function formatScore(score: number): string {
  const whole = Math.round(score);
  if (levelOf(whole) !== levelOf(score)) return (Math.floor(score * 10) / 10).toFixed(1);
  return score > 0 && score < 1 ? score.toFixed(1) : String(whole);
}

/** The band of a score 0..100; the server's finding.go has the same bounds. */
export function levelOf(score: number): RiskLevel {
  if (score < 40) return "low";
  if (score < 60) return "medium";
  if (score < 80) return "high";
  return "critical";
}
