import type { Status } from "../api/status";
import { t } from "../app/texts";
import { Tag, type ToneName } from "./Tone";

const tones: Record<Status, ToneName> = {
  draft: "none",
  running: "active",
  paused: "medium",
  completed: "clear",
  error: "failed",
  cancelled: "none",
};

/** Where an investigation stands. */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <Tag tone={tones[status]} dot>
      {t.status[status]}
    </Tag>
  );
}
