import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Indicator,
  Popover,
  ScrollArea,
  Stack,
  Text,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Bell as BellIcon } from "lucide-react";
import { Link } from "react-router";
import { useAssigned } from "../sync/assigned";
import { useNames } from "../sync/colleague";
import { Dot } from "../ui/Tone";
import { formatClock } from "../ui/time";
import classes from "./Bell.module.css";
import { useNotices } from "./notices";
import { t } from "./texts";

/** What was told by toasts since the page was opened. */
export function Bell() {
  const { list, unread, seen, clear } = useNotices();
  const nameOf = useNames();
  useAssigned((items) => {
    const [first] = items;
    if (!first) return;
    notifications.show({
      autoClose: 12_000,
      title: items.length === 1 ? t.assigned.one(nameOf(first.user_id)) : t.assigned.several(items.length),
      message: (
        <Anchor
          component={Link}
          size="sm"
          to={
            items.length === 1
              ? `/investigations/${encodeURIComponent(first.investigation_id)}`
              : "/?whose=assigned"
          }
        >
          {items.length === 1 ? first.name : t.assigned.show}
        </Anchor>
      ),
    });
  });
  const open = () => {
    seen();
    notifications.clean(); // what the toasts say stands in the list, which they would cover
  };
  return (
    <Popover position="bottom-end" shadow="md" width={380} trapFocus returnFocus onOpen={open}>
      <Indicator disabled={unread === 0} size={8} offset={6}>
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={unread === 0 ? t.notices.label : t.notices.unread(unread)}
          >
            <BellIcon size={17} aria-hidden />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} aria-label={t.notices.label}>
        <Group justify="space-between" className={classes.head}>
          <Text fw={600} size="sm">
            {t.notices.label}
          </Text>
          {list.length > 0 && (
            <Button size="compact-xs" variant="subtle" onClick={clear}>
              {t.notices.clear}
            </Button>
          )}
        </Group>
        {list.length === 0 ? (
          <Text size="sm" c="dimmed" p="md">
            {t.notices.none}
          </Text>
        ) : (
          <ScrollArea.Autosize mah={420}>
            <Stack gap={0} component="ul" className={classes.list}>
              {list.map((notice) => (
                <li key={notice.id} className={classes.notice}>
                  <Dot tone={notice.bad ? "failed" : "active"} />
                  <div className={classes.text}>
                    {notice.title && (
                      <Text size="sm" fw={600}>
                        {notice.title}
                      </Text>
                    )}
                    <Text size="sm" component="div">
                      {notice.message}
                    </Text>
                    <Text size="xs" c="dimmed" className="tabular">
                      {formatClock(new Date(notice.at))}
                    </Text>
                  </div>
                </li>
              ))}
            </Stack>
          </ScrollArea.Autosize>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
