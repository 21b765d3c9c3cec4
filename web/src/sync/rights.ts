import { acts } from "../api/acts";
import type { Act, Investigation } from "../api/investigation";
import type { Status } from "../api/status";
import { useMe } from "./session";

/** What the reader may do with an investigation: its owner everything, whom it is assigned to review it, others look. */
export function useRights({ user_id, assignee }: Pick<Investigation, "user_id" | "assignee">) {
  const me = useMe().data;
  const owns = me?.id === user_id;
  const writes = me?.role !== "auditor";
  return { owns: owns && writes, reviews: writes && (owns || me?.id === assignee) };
}

export const allows = (status: Status, act: Act): boolean => acts[status].some((legal) => legal === act);

/** Whether a run as it stands can be driven so: a completed one is retried for the tools that failed, ran out of time or were not reached. */
export const canBe = (
  act: Act,
  { status: stands, progress }: Pick<Investigation, "status" | "progress">,
): boolean =>
  allows(stands, act) &&
  (stands !== "completed" ||
    progress.tools.some(
      ({ status, code }) => status === "failed" || status === "cancelled" || code === "out_of_time",
    ));
