import type { Status, Unended } from "../api/status";
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

type Props = { status: Status; partial?: Unended | null };

/** Where an investigation stands, and of a completed one whether it is so in part only, and why. */
export function StatusBadge({ status, partial = null }: Props) {
  if (status === "completed" && partial) {
    return (
      <Tag tone="medium" dot title={t.partial.because[partial]}>
        {t.partial.status}
      </Tag>
    );
  }
  return (
    <Tag tone={tones[status]} dot>
      {t.status[status]}
    </Tag>
  );
}
