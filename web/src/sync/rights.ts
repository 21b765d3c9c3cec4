import type { Investigation } from "../api/investigation";
import { useMe } from "./session";

/** What the reader may do with an investigation: its owner everything, whom it is assigned to review it, others look. */
export function useRights({ user_id, assignee }: Pick<Investigation, "user_id" | "assignee">) {
  const me = useMe().data;
  const owns = me?.id === user_id;
  const writes = me?.role !== "auditor";
  return { owns: owns && writes, reviews: writes && (owns || me?.id === assignee) };
}
