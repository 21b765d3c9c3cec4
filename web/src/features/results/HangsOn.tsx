import { Text } from "@mantine/core";
import { Link, useLocation } from "react-router";
import type { Results } from "../../api/results";
import { formatScore, SeverityTag } from "../../ui/Tone";
import own from "./decision.module.css";
import { t } from "./texts";

const named = 8;

/** The fewest findings without which the score would be below the threshold. */
export function HangsOn({ results }: { results: Results }) {
  const { pathname } = useLocation();
  const hangs = results.counterfactual;
  if (!hangs) return null;
  const findings = hangs.findings.flatMap(
    (id) => results.findings.find((finding) => finding.id === id) ?? [],
  );
  return (
    <section className={own.hangs} aria-label={t.hangs.title}>
      <Text size="sm" fw={600}>
        {t.hangs.title}
      </Text>
      <Text size="sm">
        {t.hangs.without(hangs.findings.length, formatScore(hangs.score), formatScore(hangs.threshold))}{" "}
        {hangs.exact ? t.hangs.exact(hangs.findings.length) : t.hangs.stepwise}
      </Text>
      <ul>
        {findings.slice(0, named).map((finding) => (
          <li key={finding.id}>
            <Link to={`${pathname}?finding=${encodeURIComponent(finding.id)}`} className={own.link}>
              {finding.title}
            </Link>{" "}
            <SeverityTag severity={finding.severity} />
            <span className={own.hangsOn}>{finding.sentence}</span>
          </li>
        ))}
        {findings.length > named && <li>{t.hangs.more(findings.length - named)}</li>}
      </ul>
    </section>
  );
}
