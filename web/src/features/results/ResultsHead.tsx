import { Button, Group, Menu, Paper, Text, Title, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { Download, GitCompareArrows, LayoutTemplate, Printer, RotateCcw, Share2 } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { reportFormats, reportUrl } from "../../api/evidence";
import { rerun } from "../../api/history";
import type { Investigation } from "../../api/investigation";
import type { Results } from "../../api/results";
import { t as words } from "../../app/texts";
import { useRights, useWrites } from "../../sync/rights";
import { useMe } from "../../sync/session";
import { scoringWords } from "../../ui/scoring";
import { formatScore, levelOf, Tag } from "../../ui/Tone";
import { formatDay, formatDuration, Instant } from "../../ui/time";
import { entityName, type Titles } from "../../ui/useTitles";
import { CompareDialog } from "./CompareDialog";
import { Ruling } from "./Decision";
import { countSeverities } from "./findingFilter";
import { RiskGauge } from "./RiskGauge";
import classes from "./results.module.css";
import { ShareDialog } from "./ShareDialog";
import { intervalText, scoredAs } from "./score";
import { t } from "./texts";

type Props = { investigation: Investigation; results: Results; titles: Titles };

/** The answer on one sheet: how grave, how sure, of whom, and what to do next. */
export function ResultsHead({ investigation, results, titles }: Props) {
  return (
    <Paper component="section" aria-label={t.score.title} bg="var(--paper)">
      <div className={classes.head}>
        <Score investigation={investigation} results={results} titles={titles} />
        <div className={classes.headText}>
          <Group justify="space-between" align="flex-start" gap="sm">
            <Title order={2}>{t.summary}</Title>
            <Acts investigation={investigation} />
          </Group>
          <Sharing investigation={investigation} />
          <Ruling results={results} threshold={investigation.settings.risk_threshold} />
          {results.summary && <Text className={classes.summary}>{results.summary}</Text>}
          <SeverityCounts results={results} />
          <Facts investigation={investigation} />
        </div>
        {results.recommendations.length > 0 && (
          <div className={classes.next}>
            <Title order={3}>{t.recommendations}</Title>
            <ol className={classes.recommendations}>
              {results.recommendations.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ol>
          </div>
        )}
      </div>
    </Paper>
  );
}

function Score({ investigation: { settings, status }, results, titles }: Props) {
  const { risk_threshold: threshold, scoring } = settings;
  const { risk_score: score, risk_level, score_interval: interval } = results;
  if (score === null) {
    return (
      <div className={classes.score}>
        <Title order={2} size="h3">
          {status === "completed" ? t.score.never : t.score.none}
        </Title>
        <Text size="sm" c="dimmed">
          {status === "completed" ? t.score.neverHint : t.score.noneHint}
        </Text>
      </div>
    );
  }
  const level = risk_level || levelOf(score);
  const bounds = intervalText(interval, results.not_assessed.length);
  const as = scoredAs(results);
  return (
    <div className={classes.score}>
      <RiskGauge score={score} level={level} interval={interval} bounds={bounds} threshold={threshold} />
      <Tag tone={level} dot>
        {words.risk[level]}
      </Tag>
      {as && (
        <Text size="sm" ta="center" className={classes.scoredAs}>
          {t.score.as(entityName(as.worst), as.of, as.alike)}
        </Text>
      )}
      <Text size="sm" ta="center" className="tabular">
        {bounds}
      </Text>
      <Text size="xs" c="dimmed" ta="center">
        {score >= threshold ? t.score.reached(formatScore(threshold)) : t.score.below(formatScore(threshold))}
      </Text>
      <Text size="xs" c="dimmed" ta="center">
        {t.score.uncalibrated}
      </Text>
      <Text size="xs" c="dimmed" ta="center">
        {t.score.made(scoringWords(scoring, titles.agent))}
      </Text>
    </div>
  );
}

function SeverityCounts({ results }: { results: Results }) {
  const counts = countSeverities(results.findings).filter(({ n }) => n > 0);
  if (counts.length === 0) return null;
  return (
    <Group gap={6}>
      {counts.map(({ severity, n }) => (
        <Tag key={severity} tone={severity} dot>
          <span className="tabular">{n}</span> {words.risk[severity]}
        </Tag>
      ))}
    </Group>
  );
}

/** Whose it is, where it is a colleague's; with whom it is shared, where it is one's own. */
function Sharing({ investigation }: { investigation: Investigation }) {
  const { user_id: owner, shared, assignee } = investigation;
  const me = useMe().data;
  const rights = useRights(investigation);
  if (me && me.id !== owner) {
    return (
      <Text size="sm" c="dimmed" role="note">
        {rights.reviews ? t.share.toReview(owner) : t.share.readOnly(owner)}
      </Text>
    );
  }
  if (!shared && !assignee) return null;
  return (
    <Group gap={6}>
      {shared && <Tag tone="active">{t.share.isShared}</Tag>}
      {assignee && <Tag tone="active">{t.share.assignedTo(assignee)}</Tag>}
    </Group>
  );
}

function Facts({ investigation }: { investigation: Investigation }) {
  const { settings, started_at, finished_at, priority } = investigation;
  const { preset, start, end } = settings.time_range;
  return (
    <dl className={classes.facts}>
      <Fact label={t.subject}>
        {settings.entities.map((entity) => (
          <span key={`${entity.type} ${entity.value}`} className={classes.entity}>
            <span className={classes.entityType}>{words.entityType[entity.type]}</span>{" "}
            {entity.label || entity.value}
          </span>
        ))}
      </Fact>
      <Fact label={t.period}>
        {preset ? t.ranges[preset] : t.between(start ? formatDay(start) : "…", end ? formatDay(end) : "…")}
      </Fact>
      {started_at && (
        <Fact label={t.run}>
          <span>
            <Instant at={started_at} />
            {priority !== "normal" && t.priority[priority]}
            {finished_at && t.ranFor(formatDuration(Date.parse(finished_at) - Date.parse(started_at)))}
          </span>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Acts({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status } = investigation;
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () => rerun(id),
    onSuccess: (made) => {
      notifications.show({ message: t.acts.rerunDone });
      navigate(`/investigations/${encodeURIComponent(made)}`);
    },
    onError: (error) =>
      notifications.show({
        color: "red",
        title: t.acts.rerunFailed,
        message: error.message,
        autoClose: 10_000,
      }),
  });
  const over = status === "completed" || status === "cancelled";
  const { owns } = useRights(investigation);
  const writes = useWrites();
  const [sharing, share] = useDisclosure(false);
  const [comparing, compare] = useDisclosure(false);
  return (
    <Group gap={6} data-noprint>
      <ShareDialog investigation={investigation} opened={sharing} onClose={share.close} />
      <CompareDialog investigation={investigation} opened={comparing} onClose={compare.close} />
      {owns && (
        <Button
          size="xs"
          variant="default"
          leftSection={<Share2 size={14} aria-hidden />}
          onClick={share.open}
        >
          {t.acts.share}
        </Button>
      )}
      {over && (
        <Button
          size="xs"
          variant="default"
          leftSection={<GitCompareArrows size={14} aria-hidden />}
          onClick={compare.open}
        >
          {t.acts.compare}
        </Button>
      )}
      {over && owns && (
        <Tooltip label={t.acts.rerunHint}>
          <Button
            size="xs"
            variant="default"
            leftSection={<RotateCcw size={14} aria-hidden />}
            loading={again.isPending}
            onClick={() => again.mutate()}
          >
            {t.acts.rerun}
          </Button>
        </Tooltip>
      )}
      {writes && (
        <Button
          size="xs"
          variant="default"
          leftSection={<LayoutTemplate size={14} aria-hidden />}
          onClick={() => navigate(`/templates/new?from=${encodeURIComponent(id)}`)}
        >
          {t.acts.template}
        </Button>
      )}
      <Menu position="bottom-end" withArrow>
        <Menu.Target>
          <Button size="xs" variant="default" leftSection={<Download size={14} aria-hidden />}>
            {t.acts.report}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {reportFormats.map((format) => (
            <Menu.Item
              key={format}
              component="a"
              href={reportUrl(id, format)}
              {...(format === "pdf" || format === "html"
                ? { target: "_blank", rel: "noopener" }
                : { download: true })}
            >
              {t.acts.reports[format]}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        size="xs"
        variant="default"
        leftSection={<Printer size={14} aria-hidden />}
        onClick={() => window.print()}
      >
        {t.acts.print}
      </Button>
    </Group>
  );
}
