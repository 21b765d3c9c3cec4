import { Paper, Text } from "@mantine/core";
import type { Investigation, Progress } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { severities } from "../../api/severity";
import type { Status } from "../../api/status";
import { t as words } from "../../app/texts";
import { Tag, type ToneName, toneClass } from "../../ui/Tone";
import { formatClock, formatDuration, formatElapsed } from "../../ui/time";
import { countTools, elapsedMs, phaseMs } from "./chart";
import { etaText } from "./eta";
import classes from "./progress.module.css";
import { StandingIcon, standing, standingTones } from "./standing";
import { t } from "./texts";
import { useRunClock } from "./useRunClock";

const tones: Record<Status, ToneName> = {
  draft: "none",
  running: "active",
  paused: "medium",
  completed: "clear",
  error: "failed",
  cancelled: "none",
};

/** How far the run is as a whole, its phases, and what can be done with it. */
export function Overview({ investigation }: { investigation: Investigation }) {
  const { status, progress, results, started_at, finished_at } = investigation;
  const running = status === "running";
  const { now, live } = useRunClock(running);
  const counts = countTools(progress.tools);
  const elapsed = elapsedMs(started_at, finished_at, now);
  const waiting = running && !progress.phases.some((p) => p.status !== "pending");

  return (
    <Paper component="section" aria-label={t.title} bg="var(--paper)">
      <div className={classes.stack}>
        <div className={classes.hero}>
          <div>
            <Text component="p" className={`${classes.percent} tabular`}>
              {t.percent(progress.percent)}
            </Text>
            <div className={`${classes.facts} tabular`} style={{ marginTop: 8 }}>
              {running && !live && <span>{t.asOf(formatClock(new Date(now)))}</span>}
              {running && live && <span>{waiting ? t.queued : etaText(progress.eta_seconds)}</span>}
              {counts.all > 0 && <span>{t.checksDone(counts.over, counts.all)}</span>}
              {counts.failed > 0 && <span>{t.checksFailed(counts.failed)}</span>}
              <span>{t.findings(progress.findings)}</span>
              {elapsed !== null && running && live && <span>{t.elapsed(formatElapsed(elapsed))}</span>}
              {elapsed !== null && finished_at && <span>{t.took(formatDuration(elapsed))}</span>}
            </div>
          </div>
          <SeverityCounts findings={results?.findings ?? []} />
        </div>
        <Track percent={progress.percent} tone={tones[status]} label={t.bar} />
        <Phases progress={progress} status={status} now={now} />
      </div>
    </Paper>
  );
}

/** How many findings there are of each severity, the gravest first. */
function SeverityCounts({ findings }: { findings: readonly Finding[] }) {
  const grave = [...severities].reverse();
  const counts = grave
    .map((severity) => ({ severity, n: findings.filter((f) => f.severity === severity).length }))
    .filter(({ n }) => n > 0);
  if (counts.length === 0) return null;
  return (
    <ul className={classes.counts} aria-label={t.found}>
      {counts.map(({ severity, n }) => (
        <li key={severity}>
          <Tag tone={severity} dot>
            <span className="tabular">{n}</span> {words.risk[severity]}
          </Tag>
        </li>
      ))}
    </ul>
  );
}

/** How much of something is done. Without a label it repeats what stands beside it, for the eye only. */
export function Track({
  percent,
  tone,
  label,
  thin,
}: {
  percent: number;
  tone: ToneName;
  label?: string;
  thin?: boolean;
}) {
  const value = Math.min(100, Math.max(0, percent));
  const meaning = label
    ? ({
        role: "progressbar",
        "aria-label": label,
        "aria-valuenow": Math.floor(value),
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      } as const)
    : { "aria-hidden": true };
  return (
    <div
      className={`${toneClass} ${classes.track} ${thin ? classes.thin : ""}`}
      data-tone={tone}
      {...meaning}
    >
      <div className={classes.fill} style={{ width: `${value}%` }} />
    </div>
  );
}

function Phases({ progress, status, now }: { progress: Progress; status: Status; now: number }) {
  const { over, all } = countTools(progress.tools);
  return (
    <ol className={classes.phases} aria-label={t.phases}>
      {progress.phases.map((phase) => {
        const percent = phase.id === "analysis" && all > 0 ? (100 * over) / all : phase.percent;
        const took = phaseMs(phase, now);
        const work = standing(phase.status, status);
        return (
          <li
            key={phase.id}
            className={`${toneClass} ${classes.phase}`}
            data-tone={standingTones[work]}
            aria-current={phase.status === "running" ? "step" : undefined}
          >
            <span className={classes.phaseName}>
              <StandingIcon standing={work} />
              {t.phase[phase.id]}
            </span>
            <span className={`${classes.phaseTime} tabular`}>
              {[
                phase.status === "running" && percent > 0 && t.percent(percent),
                work !== "running" && work !== "completed" && t.work[work],
                work === "running" && took !== null && formatElapsed(took),
                work === "completed" && took !== null && formatDuration(took),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
