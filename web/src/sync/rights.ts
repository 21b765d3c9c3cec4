import { acts } from "../api/acts";
import type { Act, Investigation } from "../api/investigation";
import type { Status } from "../api/status";
import { useMe } from "./session";

/** Whether a role may change anything at all. */
export const writes = (role: string | undefined) => role !== "auditor";

export const useWrites = () => writes(useMe().data?.role);

/** What the reader may do with an investigation: its owner everything, whom it is assigned to review it, others look. */
export function useRights({ user_id, assignee }: Pick<Investigation, "user_id" | "assignee">) {
  const me = useMe().data;
  const owns = me?.id === user_id;
  const may = writes(me?.role);
  return { owns: owns && may, reviews: may && (owns || me?.id === assignee) };
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
