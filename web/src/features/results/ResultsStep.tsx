import { Alert, Anchor, Button, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleDashed, FileSearch } from "lucide-react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { getOverview } from "../../api/evidence";
import type { Investigation } from "../../api/investigation";
import { partialBy, type Results } from "../../api/results";
import { t as words } from "../../app/texts";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { InTurn } from "../../ui/InTurn";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { Section } from "../../ui/Section";
import { type Titles, useTitles } from "../../ui/useTitles";
import { Lists } from "./Decision";
import { Domains } from "./Domains";
import { Entities } from "./Entities";
import { Findings } from "./Findings";
import { Links } from "./Links";
import { NotAssessed } from "./NotAssessed";
import { Places } from "./Places";
import { Provenance } from "./Provenance";
import { FileColumns } from "./reading";
import "./print.css";
import { ResultsHead } from "./ResultsHead";
import classes from "./results.module.css";
import { Timeline } from "./Timeline";
import { t } from "./texts";
import { isAssessed, untold } from "./untold";
import { Waterfall } from "./Waterfall";

/** What the run found: the score and what it rests on, down to the rows. */
export function ResultsStep() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useInvestigation(id);
  if (data) return <Report key={id} investigation={data} />;
  if (error) return <LoadFailed error={error} onRetry={() => refetch()} />;
  return <PageSkeleton />;
}

function Report({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status, results, progress } = investigation;
  const titles = useTitles(results?.checks);
  const found = results !== null;
  useEffect(() => {
    if (found) goToPlace();
  }, [found]);

  if (!results) {
    return (
      <EmptyState
        icon={<FileSearch size={32} aria-hidden />}
        title={status === "cancelled" || status === "completed" ? t.none.over : t.none.yet}
        hint={t.noneHint[status]}
        action={
          <Button
            component={Link}
            to={`/investigations/${id}/${status === "draft" ? "settings" : "progress"}`}
          >
            {status === "draft" ? t.toSettings : t.toProgress}
          </Button>
        }
      />
    );
  }
  const score = results.risk_score;
  const blind = untold(investigation);
  return (
    <div className={classes.stack}>
      {isPartial(investigation, results) && <Partial investigation={investigation} />}
      <ResultsHead investigation={investigation} results={results} titles={titles} />
      <nav className={classes.parts} aria-label={t.sections.label} data-noprint>
        {parts(results, blind.length).map(({ anchor, label }) => (
          <a key={anchor} href={`#${anchor}`}>
            {label}
          </a>
        ))}
      </nav>
      <Lists lists={results.lists} list_sources={results.list_sources} began={investigation.started_at} />
      {(results.domains.length > 0 || score !== null) && (
        <div className={classes.pair}>
          {score !== null && <Waterfall results={results} score={score} titles={titles} />}
          {results.domains.length > 0 && (
            <Domains
              domains={results.domains}
              weights={investigation.settings.scoring.agent_weights}
              titles={titles}
            />
          )}
        </div>
      )}
      <FileColumns value={results.dataset?.columns ?? {}}>
        <InTurn first={1}>
          <Findings investigation={investigation} findings={results.findings} titles={titles} />
          <NotAssessed notAssessed={blind} tools={progress.tools} titles={titles} />
          {isAssessed(results) ? (
            <Timeline entries={results.timeline} />
          ) : (
            <Unmade title={t.sections.timeline} id="timeline" why={t.timeline.unmade} />
          )}
          {isAssessed(results) ? (
            <Links id={id} graph={results.graph} />
          ) : (
            <Unmade title={t.sections.links} id="links" why={t.links.unmade} />
          )}
          {score !== null && <InTheData id={id} results={results} titles={titles} />}
          <Provenance investigation={investigation} results={results} titles={titles} />
        </InTurn>
      </FileColumns>
    </div>
  );
}

/** A part that only an assessment makes, of a run that had none. */
function Unmade({ title, id, why }: { title: string; id: string; why: string }) {
  return (
    <Section title={title} id={id}>
      <Text size="sm" c="dimmed">
        {why}
      </Text>
    </Section>
  );
}

/** What the data says of the entities beyond the findings; read when the results are opened. */
function InTheData({ id, results, titles }: { id: string; results: Results; titles: Titles }) {
  const { data, error } = useQuery({
    queryKey: ["overview", id],
    queryFn: ({ signal }) => getOverview(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) {
    return (
      <Section title={t.sections.entities} id="entities">
        <Text size="sm">
          {t.entities.failed} {error.message}
        </Text>
      </Section>
    );
  }
  if (!data) return <Skeleton height={240} radius="md" />;
  return (
    <>
      <Entities overview={data} results={results} titles={titles} />
      <Places overview={data} findings={results.findings} titles={titles} />
    </>
  );
}

/** The address may name a part, which the browser looked for before it was there; a finding scrolls to itself. */
function goToPlace() {
  const part = document.getElementById(location.hash.slice(1));
  if (part) part.scrollIntoView();
  else if (!new URLSearchParams(location.search).has("finding")) window.scrollTo(0, 0);
}

const isPartial = ({ status }: Investigation, { partial }: Results) => partial || status !== "completed";

function Partial({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status, progress, results } = investigation;
  if (status === "draft") return null;
  const done = progress.tools.filter((tool) => tool.status === "completed").length;
  const by = status === "completed" && results ? partialBy(results) : null;
  return (
    <Alert
      color={status === "error" ? "red" : "yellow"}
      icon={<CircleDashed size={18} />}
      title={by ? `${words.partial.status}: ${t.partial.by[by].toLowerCase()}` : t.partial.title}
      role="status"
    >
      <Text size="sm" component="span">
        {t.partial[status]} {progress.tools.length > 0 && t.partial.done(done, progress.tools.length)}{" "}
        {status === "completed" ? (
          <Anchor href="#not-assessed" size="sm" underline="always">
            {t.partial.which}
          </Anchor>
        ) : (
          <Anchor component={Link} to={`/investigations/${id}/progress`} size="sm" underline="always">
            {t.toProgress}
          </Anchor>
        )}
      </Text>
    </Alert>
  );
}

function parts(results: Results, blind: number): { anchor: string; label: string }[] {
  return [
    ...(results.lists.length === 0 ? [] : [{ anchor: "lists", label: t.sections.lists }]),
    ...(results.risk_score === null ? [] : [{ anchor: "why", label: t.sections.why }]),
    { anchor: "findings", label: `${t.sections.findings} (${results.findings.length})` },
    { anchor: "not-assessed", label: `${t.sections.notAssessed} (${blind})` },
    { anchor: "timeline", label: t.sections.timeline },
    { anchor: "links", label: t.sections.links },
    ...(results.risk_score === null
      ? []
      : [
          { anchor: "entities", label: t.sections.entities },
          { anchor: "places", label: t.sections.places },
        ]),
    { anchor: "provenance", label: t.sections.provenance },
  ];
}
