import { ActionIcon, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { ChevronRight, Link2 } from "lucide-react";
import { type ReactNode, useContext, useId } from "react";
import type { Investigation } from "../../api/investigation";
import type { Finding } from "../../api/results";
import { formatCount, formatShare } from "../../ui/number";
import { SeverityTag, toneClass } from "../../ui/Tone";
import { entityName, type Titles, typeName } from "../../ui/useTitles";
import { Evidence } from "./Evidence";
import { groupEntities, measured } from "./evidence";
import { FoundBy } from "./FoundBy";
import { ReviewPanel } from "./ReviewPanel";
import { Printing } from "./reading";
import classes from "./results.module.css";
import { countsFor, countsOf, scoredAs } from "./score";
import { t } from "./texts";
import { VerdictTag } from "./VerdictTag";

type Props = {
  finding: Finding;
  investigation: Investigation;
  mayReview: boolean;
  open: boolean;
  onToggle: () => void;
  titles: Titles;
};

/** One finding: its sentence at once; what it rests on when opened. */
export function FindingCard({ finding, investigation, mayReview, open, onToggle, titles }: Props) {
  const body = useId();
  const review = investigation.reviews[finding.id];
  const verdict = review?.verdict?.verdict;
  const as = investigation.results && scoredAs(investigation.results);
  return (
    <li
      id={`finding-${finding.id}`}
      className={`${toneClass} ${classes.finding}`}
      data-tone={finding.severity}
      data-open={open || undefined}
      data-verdict={verdict}
    >
      <button
        type="button"
        className={classes.findingHead}
        aria-expanded={open}
        aria-controls={body}
        onClick={onToggle}
      >
        <ChevronRight size={16} className={classes.chevron} aria-hidden />
        <span className={classes.findingText}>
          <span className={classes.findingMeta}>
            <SeverityTag severity={finding.severity} />
            <span className={classes.findingTitle}>{finding.title}</span>
            {verdict && <VerdictTag verdict={verdict} />}
          </span>
          <span className={classes.sentence}>{finding.sentence}</span>
          <span className={classes.findingFoot}>
            {titles.agent(finding.agent)} · {t.findings.rows(formatCount(finding.evidence_total))}
            {review && review.notes.length > 0 && ` · ${t.findings.notes(review.notes.length)}`}
            {finding.baseline && ` · ${t.findings.baseline.toLowerCase()} ${finding.baseline}`}
            {as &&
              !countsFor(finding, as.worst) &&
              ` · ${t.findings.apart(finding.parts.map(entityName).join(", "))}`}
          </span>
        </span>
      </button>
      <div id={body} hidden={!open}>
        {open && (
          <Body finding={finding} investigation={investigation} mayReview={mayReview} titles={titles} />
        )}
      </div>
    </li>
  );
}

/** How many entities of one type are named on paper. */
const onPaper = 12;

function Body({ finding, investigation, mayReview, titles }: Omit<Props, "open" | "onToggle">) {
  const { investigation_id: id, reviews, settings } = investigation;
  const numbers = Object.entries(finding.numbers);
  const groups = groupEntities(finding.entities);
  const unnamed =
    finding.entities_total - finding.entities.filter(({ type }) => type !== "transaction_id").length;
  const inScore = settings.scoring.agent_weights[finding.agent];
  const printing = useContext(Printing);
  return (
    <div className={classes.findingBody}>
      <CopyLink id={finding.id} />
      <dl className={classes.facts}>
        <Fact label={t.findings.strength} hint={t.findings.strengthHint}>
          <Share value={finding.strength} />
        </Fact>
        <Fact label={t.findings.weight} hint={t.findings.weightHint}>
          <Share value={finding.weight} />
        </Fact>
        {inScore !== undefined && (
          <Fact label={t.findings.agentWeight} hint={t.findings.agentWeightHint}>
            <Share value={inScore} />
          </Fact>
        )}
        <Fact label={t.findings.check_}>
          {titles.tool(finding.tool)}{" "}
          <Text span c="dimmed" size="xs">
            {finding.tool}, {t.findings.version(finding.tool_version)}
          </Text>
        </Fact>
      </dl>
      {finding.parts.length > 0 && (
        <dl className={classes.facts}>
          <Fact label={t.findings.counts} hint={t.findings.countsHint}>
            {finding.parts.map((part) => (
              <span key={`${part.type} ${part.value}`} className={classes.part}>
                {entityName(part)} <Share value={countsOf(part, settings.entities, inScore)} />
              </span>
            ))}
          </Fact>
        </dl>
      )}
      {groups.length > 0 && (
        <dl className={classes.concerns} aria-label={t.findings.entities}>
          {groups.map(({ type, values }) => (
            <div key={type}>
              <dt>{typeName(type)}</dt>
              <dd>
                {(printing ? values.slice(0, onPaper) : values).join(", ")}
                {printing && values.length > onPaper && ` ${t.findings.unprinted(values.length - onPaper)}`}
              </dd>
            </div>
          ))}
          {unnamed > 0 && (
            <div>
              <dt>{t.findings.others}</dt>
              <dd>{t.findings.unnamed(formatCount(unnamed))}</dd>
            </div>
          )}
        </dl>
      )}
      <Evidence id={id} finding={finding} />
      {numbers.length > 0 && (
        <details className={classes.aside}>
          <summary>{t.findings.numbers}</summary>
          <div className={classes.numbers}>
            {numbers.map(([name, value]) => (
              <span key={name}>
                {name}: {measured(value)}
              </span>
            ))}
          </div>
        </details>
      )}
      <FoundBy finding={finding} settings={settings} />
      <ReviewPanel id={id} finding={finding.id} review={reviews[finding.id]} may={mayReview} />
    </div>
  );
}

function Fact({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt title={hint}>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A share 0..1 as a number and a bar. */
function Share({ value }: { value: number }) {
  return (
    <span className={classes.share}>
      <span className="tabular">{formatShare(value)}</span>
      <span className={classes.shareTrack} aria-hidden>
        <span style={{ width: `${Math.min(1, Math.max(0, value)) * 100}%` }} />
      </span>
    </span>
  );
}

function CopyLink({ id }: { id: string }) {
  return (
    <Tooltip label={t.findings.link}>
      <ActionIcon
        variant="subtle"
        color="gray"
        className={classes.copyLink}
        aria-label={t.findings.link}
        data-noprint
        onClick={async () => {
          const url = new URL(location.href);
          url.search = `?finding=${encodeURIComponent(id)}`;
          url.hash = "";
          try {
            await navigator.clipboard.writeText(url.href);
            notifications.show({ message: t.findings.linked });
          } catch {
            notifications.show({ color: "red", title: t.findings.linkFailed, message: url.href });
          }
        }}
      >
        <Link2 size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
