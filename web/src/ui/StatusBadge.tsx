import { Badge } from "@mantine/core";
import type { Status } from "../api/investigation";
import { t } from "../app/texts";

const colors: Record<Status, string> = {
  draft: "gray",
  running: "blue",
  paused: "yellow",
  completed: "teal",
  error: "red",
  cancelled: "gray",
};

/** Where an investigation stands; the word says it, the colour only helps. */
export function StatusBadge({ status, size = "md" }: { status: Status; size?: "sm" | "md" | "lg" }) {
  return (
    <Badge variant="light" color={colors[status]} size={size} radius="sm" tt="none" fw={600} autoContrast>
      {t.status[status]}
    </Badge>
  );
}
