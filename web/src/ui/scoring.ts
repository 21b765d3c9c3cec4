import type { Scoring } from "../api/investigation";
import { t } from "../app/texts";
import { spellOut } from "./useTitles";

/** Which agents count in part: "in part: Identity 50 %, Network 0 %"; nothing where all count in full. */
export function shareWords({ agent_weights }: Scoring, title: (agent: string) => string = spellOut) {
  const shares = Object.entries(agent_weights)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([agent, weight]) => `${title(agent)} ${Math.round(100 * weight)}\u00a0%`);
  return shares.length > 0 ? t.scoring.inPart(shares.join(", ")) : "";
}

/** "Weighted sum; in part: Identity 50 %". */
export const scoringWords = (scoring: Scoring, title?: (agent: string) => string) =>
  [t.scoring.form[scoring.form], shareWords(scoring, title)].filter(Boolean).join("; ");
