import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { t } from "../app/texts";

/** Tells what was done, with a button that takes it back; the list of notices keeps both. */
export function tellUndoable(done: string, undo: () => void) {
  const id = notifications.show({
    autoClose: 12_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{done}</Text>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={({ currentTarget }) => {
            // the button goes: the focus stays in the list of notices, or goes to the page
            const place =
              currentTarget.closest<HTMLElement>('[role="dialog"]') ?? document.getElementById("content");
            place?.focus({ preventScroll: true });
            notifications.hide(id);
            undo();
          }}
        >
          {t.undo}
        </Button>
      </Group>
    ),
  });
}
