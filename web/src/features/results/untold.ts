import type { Investigation } from "../../api/investigation";
import type { Results } from "../../api/results";
import { t } from "./texts";

/** Whether the run came to its assessment, which makes timeline, links and score. */
export const isAssessed = (results: Results) => results.domains.length > 0;

/** Checks that told nothing, with why. */
export type Blind = Pick<
  Results["not_assessed"][number],
  "tool" | "agent" | "code" | "reason" | "could_add"
>[];

/** The checks that could not look or did not come to it; of a run that was not assessed, by what its progress says. */
export function untold({ status, progress, results }: Investigation): Blind {
  if (!results || isAssessed(results)) return results?.not_assessed ?? [];
  return progress.tools
    .filter(({ outcome }) => outcome !== "fired" && outcome !== "clear")
    .map(({ tool, agent, code = "", reason }) => ({
      tool,
      agent,
      code,
      reason: reason || (status === "draft" ? "" : t.notAssessed.unreached[status]),
      could_add: 0,
    }));
}
