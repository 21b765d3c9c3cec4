import type { Scoring } from "../api/investigation";
import { t } from "../app/texts";
import { spellOut } from "./useTitles";

/** "Weighted sum; Identity counts 50 %, Network 0 %". */
export function scoringWords({ form, agent_weights }: Scoring, title: (agent: string) => string = spellOut) {
  const shares = Object.entries(agent_weights)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([agent, weight]) => `${title(agent)} ${Math.round(100 * weight)} %`);
  return [t.scoring.form[form], ...(shares.length > 0 ? [t.scoring.inPart(shares.join(", "))] : [])].join(
    "; ",
  );
}
