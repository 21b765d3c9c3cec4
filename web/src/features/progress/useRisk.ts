import { useEffect, useState } from "react";
import type { Investigation } from "../../api/investigation";
import { poll } from "../../api/poll";
import { onArrival } from "../../sync/arrivals";
import { type RiskStep, standing, withRisk } from "./riskCurve";

const pageSize = 1000;
/** A log of more pages is not read for a curve, which then begins with what stood when the page was opened. */
const pagesMax = 5;

/** How the agents' risks came about, from the start of the log. */
export function useRisk(state: Investigation): readonly RiskStep[] {
  const id = state.investigation_id;
  const [steps, setSteps] = useState<readonly RiskStep[]>(() => standing(state));
  const [opened] = useState(state.version);

  useEffect(() => {
    const stop = onArrival(id, (events) => setSteps((known) => withRisk(known, events)));
    const abort = new AbortController();
    async function read() {
      for (let cursor = 0; cursor < opened; ) {
        const { news } = await poll(id, cursor, { limit: pageSize, signal: abort.signal });
        if (!news || news.reset) return;
        setSteps((known) => withRisk(known, news.events));
        if (!news.has_more) return;
        cursor = news.next_cursor;
      }
    }
    // without the past, the curve begins here
    if (opened <= pageSize * pagesMax) read().catch(() => undefined);
    return () => {
      stop();
      abort.abort();
    };
  }, [id, opened]);

  return steps;
}
