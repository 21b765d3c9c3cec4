import { Anchor, Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeftRight } from "lucide-react";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { type Comparison, type FindingSide, getComparison, type RunSide } from "../../api/evidence";
import { t as words } from "../../app/texts";
import { useReadable } from "../../sync/readable";
import { LoadFailed } from "../../ui/Broken";
import { formatCount, formatShare } from "../../ui/number";
import { PageHeader } from "../../ui/PageHeader";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { RiskTag, SeverityTag, Tag } from "../../ui/Tone";
import { Instant } from "../../ui/time";
import { type Titles, useTitles } from "../../ui/useTitles";
import own from "./compare.module.css";
import classes from "./results.module.css";
import { t } from "./texts";

const outcomes: Record<string, string> = t.compare.outcome;
const severityWord = (severity: FindingSide["severity"]) =>
  severity ? words.risk[severity] : t.compare.nothing;
const fieldWords: Record<string, string> = t.compare.field;

/** Two runs, from the first to the second: what came, what went, and what else differs. */
export function ComparePage() {
  const { id = "", other = "" } = useParams();
  const titles = useTitles();
  const { data, error, refetch } = useQuery({
    queryKey: ["comparison", id, other],
    queryFn: ({ signal }) => getComparison(id, other, signal),
  });
  if (error) return <LoadFailed error={error} onRetry={() => refetch()} />;
  if (!data) return <PageSkeleton />;
  return (
    <div className={classes.stack} style={{ maxWidth: 1280, margin: "0 auto" }}>
      <PageHeader
        title={t.compare.title}
        lead={t.compare.hint}
        crumbs={[
          { to: "/", label: words.nav.investigations },
          { to: `/investigations/${encodeURIComponent(other)}/results`, label: data.to.name },
        ]}
        actions={
          <Button
            variant="default"
            size="xs"
            component={Link}
            to={`/investigations/${encodeURIComponent(other)}/compare/${encodeURIComponent(id)}`}
            replace
            leftSection={<ArrowLeftRight size={14} aria-hidden />}
          >
            {t.compare.swap}
          </Button>
        }
      />
      <Sides comparison={data} />
      <Settings comparison={data} />
      <FindingsOf comparison={data} titles={titles} />
      <Tools comparison={data} titles={titles} />
    </div>
  );
}

function Sides({ comparison: { from, to, same_data: sameData, domains } }: { comparison: Comparison }) {
  const titles = useTitles();
  const delta = from.risk_score !== null && to.risk_score !== null ? to.risk_score - from.risk_score : null;
  return (
    <Section title={t.compare.score}>
      <div className={own.sides}>
        <Side label={t.compare.from} side={from} />
        <div className={own.delta} data-way={delta === null ? "none" : Math.sign(delta)}>
          <strong className="tabular">{delta === null ? "–" : t.compare.points(delta)}</strong>
          <Text size="xs" c="dimmed">
            {delta === null ? t.compare.noScore : t.compare.change(delta)}
          </Text>
        </div>
        <Side label={t.compare.to} side={to} />
      </div>
      <Text size="sm" mt="md">
        {from.dataset && to.dataset
          ? sameData
            ? t.compare.sameData
            : t.compare.otherData
          : t.compare.noData}
      </Text>
      <Text size="sm" c="dimmed">
        {domains.length > 0 ? t.compare.otherwiseAlike : t.compare.alike}
      </Text>
      {domains.length > 0 && (
        <table className={own.plainTable}>
          <thead>
            <tr>
              <th scope="col">{t.compare.agent}</th>
              <th scope="col">{t.compare.from}</th>
              <th scope="col">{t.compare.to}</th>
              <th scope="col">{t.compare.assessed}</th>
            </tr>
          </thead>
          <tbody>
            {domains.map((domain) => (
              <tr key={domain.agent}>
                <th scope="row">{titles.agent(domain.agent)}</th>
                <td>{domain.from === null ? t.agents.none : <RiskTag score={domain.from} level={null} />}</td>
                <td>{domain.to === null ? t.agents.none : <RiskTag score={domain.to} level={null} />}</td>
                <td className="tabular">
                  {domain.assessed[0]} → {domain.assessed[1]}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Side({ label, side }: { label: string; side: RunSide }) {
  return (
    <div className={own.side}>
      <Text size="xs" c="dimmed">
        {label}
      </Text>
      <Anchor
        component={Link}
        to={`/investigations/${encodeURIComponent(side.investigation_id)}/results`}
        fw={600}
        underline="hover"
      >
        {side.name}
      </Anchor>
      {side.risk_score === null ? (
        <Text size="sm" c="dimmed">
          {t.score.none}
        </Text>
      ) : (
        <span>
          <RiskTag score={side.risk_score} level={side.risk_level} />{" "}
          {side.score_interval && (
            <Text span size="xs" c="dimmed" className="tabular">
              {t.compare.interval(side.score_interval.low.toFixed(1), side.score_interval.high.toFixed(1))}
            </Text>
          )}
        </span>
      )}
      <Text size="xs" c="dimmed">
        {t.compare.findings(formatCount(side.findings))}
        {side.dataset && ` · ${side.dataset.name}, ${side.dataset.sha256.slice(0, 12)}…`}
        {side.started_at && (
          <>
            {" · "}
            <Text span size="xs">
              <Instant at={side.started_at} />
            </Text>
          </>
        )}
      </Text>
    </div>
  );
}

function FindingsOf({ comparison, titles }: { comparison: Comparison; titles: Titles }) {
  const { from, to, added, gone, changed, same } = comparison;
  return (
    <Section
      title={t.sections.findings}
      hint={t.compare.counts(added.length, gone.length, changed.length, same)}
    >
      <Group title={t.compare.added} findings={added} of={to} titles={titles} />
      <Group title={t.compare.gone} findings={gone} of={from} titles={titles} />
      {changed.length > 0 && (
        <>
          <h3 className={own.groupTitle}>{t.compare.group(t.compare.changed, changed.length)}</h3>
          <ul className={own.compared}>
            {changed.map(({ from: was, to: now, fields }) => (
              <li key={now.id}>
                <FindingLine finding={now} of={to} titles={titles} />
                <span className={classes.sub}>
                  {fields
                    .filter((field) => field !== "sentence") // which stands below as it was
                    .map((field) =>
                      field === "strength" || field === "weight"
                        ? t.compare.change_(
                            fieldWords[field] ?? field,
                            formatShare(was[field]),
                            formatShare(now[field]),
                          )
                        : field === "evidence"
                          ? t.compare.rows(was.evidence_total, now.evidence_total)
                          : field === "severity"
                            ? t.compare.change_(
                                fieldWords[field] ?? field,
                                severityWord(was.severity),
                                severityWord(now.severity),
                              )
                            : (fieldWords[field] ?? field),
                    )
                    .join(" · ")}
                </span>
                {was.sentence !== now.sentence && (
                  <span className={classes.sub}>
                    {t.compare.was} {was.sentence}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

/** How many findings of a group are shown before the others are asked for. */
const folded = 6;

function Group({
  title,
  findings,
  of,
  titles,
}: {
  title: string;
  findings: readonly FindingSide[];
  of: RunSide;
  titles: Titles;
}) {
  const [all, setAll] = useState(false);
  const shown = all || findings.length <= folded + 2 ? findings : findings.slice(0, folded);
  if (findings.length === 0) return null;
  return (
    <>
      <h3 className={own.groupTitle}>{t.compare.group(title, findings.length)}</h3>
      <ul className={own.compared}>
        {shown.map((finding) => (
          <li key={finding.id}>
            <FindingLine finding={finding} of={of} titles={titles} />
          </li>
        ))}
      </ul>
      {shown.length < findings.length && (
        <Button variant="default" size="xs" mt="xs" onClick={() => setAll(true)} data-noprint>
          {t.findings.more(findings.length - shown.length)}
        </Button>
      )}
    </>
  );
}

function FindingLine({ finding, of, titles }: { finding: FindingSide; of: RunSide; titles: Titles }) {
  return (
    <>
      <span className={classes.findingMeta}>
        {finding.severity && <SeverityTag severity={finding.severity} />}
        <Link
          to={`/investigations/${encodeURIComponent(of.investigation_id)}/results?finding=${encodeURIComponent(finding.id)}`}
          className={own.findingTitle}
        >
          {finding.title || titles.tool(finding.tool)}
        </Link>
        <span className={classes.dim}>{titles.agent(finding.agent)}</span>
      </span>
      <span className={classes.sentence}>{finding.sentence}</span>
    </>
  );
}

function Tools({ comparison: { tools }, titles }: { comparison: Comparison; titles: Titles }) {
  if (tools.length === 0) return null;
  return (
    <Section title={t.compare.tools} hint={t.compare.toolsHint}>
      <ul className={own.compared}>
        {tools.map((tool) => (
          <li key={`${tool.agent} ${tool.tool}`}>
            <span className={classes.findingMeta}>
              <span className={own.findingTitle}>{titles.tool(tool.tool)}</span>
              <Tag tone="none">{outcomes[tool.from] ?? tool.from}</Tag>→
              <Tag tone="active">{outcomes[tool.to] ?? tool.to}</Tag>
            </span>
            {tool.reason && <span className={classes.sub}>{tool.reason}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Settings({ comparison: { settings } }: { comparison: Comparison }) {
  const readable = useReadable();
  return (
    <Section title={t.compare.settings}>
      {settings.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t.compare.sameSettings}
        </Text>
      ) : (
        <table className={`${own.plainTable} ${own.pairs}`}>
          <thead>
            <tr>
              <th scope="col">{t.compare.setting}</th>
              <th scope="col">{t.compare.from}</th>
              <th scope="col">{t.compare.to}</th>
            </tr>
          </thead>
          <tbody>
            {settings.map(({ path, what, was, is }) => (
              <tr key={path}>
                <th scope="row">{first(what)}</th>
                <td>{readable(was) || t.compare.nothing}</td>
                <td>{readable(is) || t.compare.nothing}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

const first = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
