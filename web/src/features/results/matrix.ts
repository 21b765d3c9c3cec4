import type { Profile, SharedValue } from "../../api/evidence";
import type { Finding } from "../../api/results";
import { isSame } from "./score";

export type Cell = {
  /** How many identifiers the two share. */
  count: number;
  /** The same, each counting less the more accounts have it: 1 for two, 1/2 for three. */
  weight: number;
};

/** What each pair of n entities shares, both ways round. */
export function matrix(n: number, shared: readonly SharedValue[]): Cell[][] {
  const cells = Array.from({ length: n }, () =>
    Array.from({ length: n }, (): Cell => ({ count: 0, weight: 0 })),
  );
  for (const { a, b, accounts } of shared) {
    for (const cell of [cells[a]?.[b], cells[b]?.[a]]) {
      if (!cell) continue;
      cell.count += 1;
      cell.weight += 1 / Math.max(1, accounts - 1);
    }
  }
  return cells;
}

/** What two entities share, the rarest first; a comes before b. */
export const between = (shared: readonly SharedValue[], a: number, b: number) =>
  shared.filter((value) => value.a === a && value.b === b).sort((x, y) => x.accounts - y.accounts);

/** Whether a finding names an entity. */
export const named = (finding: Finding, entity: Pick<Profile, "type" | "value">) =>
  finding.entities.some((one) => isSame(one, entity));
