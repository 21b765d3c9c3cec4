import { Button } from "@mantine/core";
import { ListChecks } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Link, useLocation, useNavigate, useParams } from "react-router";
import * as z from "zod";
import type { Investigation } from "../../api/investigation";
import type { Status } from "../../api/status";
import { useInvestigation } from "../../sync/useInvestigation";
import { LoadFailed } from "../../ui/Broken";
import { EmptyState } from "../../ui/EmptyState";
import { PageSkeleton } from "../../ui/PageSkeleton";
import { useTitles } from "../../ui/useTitles";
import { Agents } from "./Agents";
import { Checks } from "./Checks";
import { CompleteBar } from "./CompleteBar";
import { Found } from "./Found";
import { LogView } from "./LogView";
import { Overview } from "./Overview";
import classes from "./progress.module.css";
import { RiskOverTime } from "./RiskOverTime";
import { StatusBanner } from "./StatusBanner";
import { t } from "./texts";

/** Left in the history by who starts or retries a run. */
const driving = z.object({ driven: z.literal(true) });

/** The run as it goes: how far it is, what each check came to, what was found, and the log. */
export function ProgressStep() {
  const { id = "" } = useParams();
  const { data, error, refetch } = useInvestigation(id);
  if (data) return <Run key={id} investigation={data} />;
  if (error) return <LoadFailed error={error} onRetry={() => refetch()} />;
  return <PageSkeleton />;
}

function Run({ investigation }: { investigation: Investigation }) {
  const { investigation_id: id, status, progress, results } = investigation;
  const titles = useTitles(investigation.results?.checks);
  const reading = useRef<() => boolean>(() => false);
  const completion = useCompletion(id, status, reading);
  useEffect(() => {
    window.scrollTo(0, 0); // in a block: some browsers answer a promise, which is no clean-up
  }, []);

  if (status === "draft") {
    return (
      <EmptyState
        icon={<ListChecks size={32} aria-hidden />}
        title={t.notStarted}
        hint={t.notStartedHint}
        action={
          <Button component={Link} to={`/investigations/${id}/settings`}>
            {t.toSettings}
          </Button>
        }
      />
    );
  }
  return (
    <div className={classes.stack}>
      {completion.asked && <CompleteBar id={id} onStay={completion.stay} />}
      {!completion.asked && <StatusBanner investigation={investigation} />}
      <Overview investigation={investigation} />
      <RiskOverTime investigation={investigation} titles={titles} />
      {progress.agents.length > 0 && <Agents agents={progress.agents} run={status} titles={titles} />}
      <div className={classes.pair}>
        <Checks tools={progress.tools} run={status} titles={titles} />
        <Found id={id} findings={results?.findings ?? []} status={status} titles={titles} />
      </div>
      <LogView investigation={investigation} titles={titles} reading={reading} />
    </div>
  );
}

/**
 * Goes to the results when the run completes while it is watched, or was quicker than the page of who has
 * just started it; but asks somebody who is reading the log.
 */
function useCompletion(id: string, status: Status, reading: { current: () => boolean }) {
  const navigate = useNavigate();
  const driven = driving.safeParse(useLocation().state).success;
  const before = useRef<Status>(driven ? "running" : status);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    const completed = status === "completed" && before.current !== "completed";
    before.current = status;
    if (!completed) return;
    if (reading.current()) setAsked(true);
    else navigate(`/investigations/${id}/results`, { replace: driven });
  }, [id, status, driven, navigate, reading]);
  return { asked: asked && status === "completed", stay: () => setAsked(false) };
}
