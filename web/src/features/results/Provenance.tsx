import { Anchor, Button, CopyButton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Investigation } from "../../api/investigation";
import type { Results } from "../../api/results";
import { datasetQuery } from "../../sync/dataset";
import { formatCount } from "../../ui/number";
import { Section } from "../../ui/Section";
import { Tag } from "../../ui/Tone";
import { formatDay, Instant } from "../../ui/time";
import type { Titles } from "../../ui/useTitles";
import { ageAt, isStale } from "./age";
import classes from "./results.module.css";
import { t } from "./texts";
import { isAssessed } from "./untold";

type Props = { investigation: Investigation; results: Results; titles: Titles };

/** What the results rest on: which bytes, which checks, which version. */
export function Provenance({ investigation, results, titles }: Props) {
  const { digest, findings } = results;
  const wanted = results.dataset ? null : investigation.settings.dataset;
  const { data: file } = useQuery({ ...datasetQuery(wanted ?? ""), enabled: Boolean(wanted), retry: false });
  const dataset = results.dataset ?? file;
  const versions = [
    ...new Map(findings.map((finding) => [finding.tool, finding.tool_version])).entries(),
  ].sort(([a], [b]) => a.localeCompare(b));
  return (
    <Section title={t.sections.provenance} hint={t.provenance.hint} id="provenance">
      <dl className={classes.provenance}>
        <Line label={t.provenance.dataset}>
          {dataset ? (
            <Anchor
              component={Link}
              to={`/datasets/${encodeURIComponent(dataset.id)}`}
              size="sm"
              underline="always"
            >
              {dataset.name}
            </Anchor>
          ) : (
            t.provenance.none
          )}
        </Line>
        {dataset && <Line label={t.provenance.rows}>{formatCount(dataset.rows)}</Line>}
        {dataset && (
          <Line label={t.provenance.sha256}>
            <Hash value={dataset.sha256} />
          </Line>
        )}
        {results.dataset?.databases.map((book) => (
          <Line key={book.filename} label={t.provenance.addresses}>
            {book.filename} · {book.type} · <Instant at={book.built_at} format={formatDay} />
          </Line>
        ))}
        {results.list_sources.length > 0 && (
          <Line label={t.provenance.lists}>
            {results.list_sources.map((list) => (
              <span key={list.name} className={classes.source}>
                <b>{list.name}</b> ·{" "}
                {t.provenance.list(
                  t.lists.kind[list.kind],
                  t.lists.values(formatCount(list.values)),
                  list.source,
                  formatDay(list.source_date),
                  ageAt(list.source_date, investigation.started_at),
                )}
                {list.license && `, ${list.license}`}{" "}
                {isStale(list.source_date, investigation.started_at) && (
                  <Tag tone="medium">{t.lists.stale}</Tag>
                )}
                <Hash value={list.sha256} />
              </span>
            ))}
          </Line>
        )}
        {results.dataset?.parts.map((part) => (
          <Line key={part.sha256} label={`${part.filename} · ${formatCount(part.rows)}`}>
            <Hash value={part.sha256} />
          </Line>
        ))}
        <Line label={t.provenance.digest} hint={t.provenance.digestHint}>
          {digest ? <Hash value={digest} /> : isAssessed(results) ? t.provenance.none : t.provenance.unmade}
        </Line>
        {versions.length > 0 && (
          <Line label={t.provenance.versions}>
            {versions.map(([tool, version]) => `${titles.tool(tool)} v${version}`).join(" · ")}
          </Line>
        )}
        <Line label={t.provenance.investigation}>
          <Hash value={investigation.investigation_id} />
          <Text span size="xs" c="dimmed">
            {t.provenance.version} {formatCount(investigation.version)}
          </Text>
        </Line>
        {investigation.lineage.rerun_of && (
          <Line label={t.provenance.rerunOf}>
            <Anchor
              component={Link}
              to={`/investigations/${encodeURIComponent(investigation.lineage.rerun_of)}`}
              size="sm"
              underline="always"
            >
              {investigation.lineage.rerun_of}
            </Anchor>
            <Anchor
              component={Link}
              to={`/investigations/${encodeURIComponent(investigation.lineage.rerun_of)}/compare/${encodeURIComponent(investigation.investigation_id)}`}
              size="sm"
              underline="always"
              ml="sm"
              data-noprint
            >
              {t.acts.compare}
            </Anchor>
          </Line>
        )}
      </dl>
    </Section>
  );
}

function Line({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {children}
        {hint && (
          <Text size="xs" c="dimmed">
            {hint}
          </Text>
        )}
      </dd>
    </div>
  );
}

/** A long name of hexadecimal digits, whole, and a way to take it along. */
function Hash({ value }: { value: string }) {
  return (
    <span className={classes.hash}>
      <code>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="subtle" onClick={copy} data-noprint>
            {copied ? t.provenance.copied : t.provenance.copy}
          </Button>
        )}
      </CopyButton>
    </span>
  );
}
