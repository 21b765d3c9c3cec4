import { Tooltip } from "@mantine/core";
import type { ReactElement } from "react";

/** Tells an instant exactly, beside what tells it in the reader's zone. */
export const TimeTip = ({ at, children }: { at: string; children: ReactElement }) => (
  <Tooltip label={new Date(at).toISOString().replace("T", " ").replace("Z", " UTC")} opened>
    {children}
  </Tooltip>
);
