import { Button, Group, Text } from "@mantine/core";
import { Link } from "react-router";
import { toneClass } from "../../ui/Tone";
import classes from "./progress.module.css";
import { t } from "./texts";

/** Asks somebody who reads the log whether to go to the results. */
export function CompleteBar({ id, onStay }: { id: string; onStay: () => void }) {
  return (
    <div className={`${toneClass} ${classes.bar}`} data-tone="clear" role="status">
      <div>
        <Text fw={600} size="sm">
          {t.complete.title}
        </Text>
        <Text size="sm" c="dimmed">
          {t.complete.detail}
        </Text>
      </div>
      <Group gap="xs">
        <Button size="xs" component={Link} to={`/investigations/${id}/results`}>
          {t.complete.show}
        </Button>
        <Button size="xs" variant="default" onClick={onStay}>
          {t.complete.stay}
        </Button>
      </Group>
    </div>
  );
}
