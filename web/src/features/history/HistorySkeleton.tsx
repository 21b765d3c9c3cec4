import { Skeleton, VisuallyHidden } from "@mantine/core";
import classes from "./history.module.css";
import { t } from "./texts";

const rows = ["72%", "54%", "63%", "48%", "70%", "58%"];

/** The outline of the list while it is on its way. */
export function HistorySkeleton() {
  return (
    <div className={classes.pad} aria-busy="true">
      <VisuallyHidden role="status">{t.loading}</VisuallyHidden>
      {rows.map((width) => (
        <div key={width} className={classes.skeletonRow} aria-hidden>
          <Skeleton h={16} w={width} />
          <Skeleton h={16} w={80} />
          <Skeleton h={16} w={60} />
        </div>
      ))}
    </div>
  );
}
