import { Ban, Check, Circle, CircleStop, LoaderCircle, Minus, Pause, TriangleAlert } from "lucide-react";
import type { WorkStatus } from "../../api/investigation";
import type { Status } from "../../api/status";
import type { ToneName } from "../../ui/Tone";
import classes from "./progress.module.css";

/** Where a piece of work stands, seen with the run that it belongs to: nothing runs in a run that does not. */
export type Standing = WorkStatus | "paused" | "stopped" | "unreached";

export function standing(work: WorkStatus, run: Status): Standing {
  if (work === "cancelled" && run === "error") return "stopped"; // nobody cancelled it
  if (work === "pending" && run !== "running" && run !== "paused" && run !== "draft") return "unreached";
  if (work !== "running" || run === "running") return work;
  return run === "paused" ? "paused" : "stopped";
}

export const standingTones: Record<Standing, ToneName> = {
  pending: "none",
  running: "active",
  paused: "medium",
  stopped: "none",
  completed: "clear",
  failed: "failed",
  cancelled: "none",
  unreached: "none",
};

const icons = {
  pending: Circle,
  running: LoaderCircle,
  paused: Pause,
  stopped: CircleStop,
  completed: Check,
  failed: TriangleAlert,
  cancelled: Ban,
  unreached: Minus,
};

/** The sign of a standing, for the eye only. */
export function StandingIcon({ standing: of, size = 14 }: { standing: Standing; size?: number }) {
  const Icon = icons[of];
  return <Icon size={size} aria-hidden className={of === "running" ? classes.spin : undefined} />;
}
