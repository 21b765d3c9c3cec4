import { Button } from "@mantine/core";
import { Bookmark, ChevronDown } from "lucide-react";
import { useState } from "react";
import { useProfile } from "../../sync/profile";
import { OnDemand } from "../../ui/OnDemand";
import { type Filters, writeFilters } from "./filters";
import classes from "./history.module.css";
import { t } from "./texts";
import type { ViewsPanel } from "./ViewsPanel";

/** The filters of a view; which page one is on is no part of it. */
const queryOf = (filters: Filters) => writeFilters({ ...filters, page: 1 }).toString();

/** Which of the user's views is shown; opens all of them. */
export function Views({ filters }: { filters: Filters }) {
  const [Panel, setPanel] = useState<typeof ViewsPanel | null>(null);
  const [opened, setOpened] = useState(false);
  const query = queryOf(filters);
  const current = useProfile()?.views.find((view) => view.query === query);
  return (
    <OnDemand
      opens="dialog"
      load={async () => {
        const file = await import("./ViewsPanel");
        setPanel(() => file.ViewsPanel);
      }}
      button={
        <Button
          variant="default"
          className={classes.filter}
          classNames={{ section: classes.mark ?? "" }}
          data-active={current !== undefined || undefined}
          leftSection={<Bookmark size={14} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
          onClick={() => setOpened((was) => !was)}
        >
          <span className={classes.current}>{current?.name ?? t.views.label}</span>
        </Button>
      }
    >
      {(button, { Popover }) => (
        <Popover position="bottom-end" shadow="md" trapFocus returnFocus opened={opened} onChange={setOpened}>
          <Popover.Target>{button}</Popover.Target>
          <Popover.Dropdown w={320} aria-label={t.views.label}>
            {Panel && <Panel query={query} onLeave={() => setOpened(false)} />}
          </Popover.Dropdown>
        </Popover>
      )}
    </OnDemand>
  );
}
