import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { createStore, type StoreApi, useStore } from "zustand";
import { t } from "../app/texts";

/** Tells what was done, with a button that takes it back, once; the list of notices keeps both. */
export function tellUndoable(done: string, undo: () => Promise<unknown>) {
  const undone = createStore(() => false); // the toast and the list show the same
  const id = notifications.show({
    autoClose: 12_000,
    message: (
      <Undoable
        done={done}
        undone={undone}
        undo={() => {
          notifications.hide(id);
          undone.setState(true);
          undo().catch(() => undone.setState(false)); // whoever undoes tells why it failed
        }}
      />
    ),
  });
}

type Props = { done: string; undone: StoreApi<boolean>; undo: () => void };

function Undoable({ done, undone, undo }: Props) {
  const over = useStore(undone);
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm">{done}</Text>
      {over ? (
        <Text size="xs" c="dimmed">
          {t.undone}
        </Text>
      ) : (
        <Button
          size="compact-sm"
          variant="subtle"
          flex="none"
          onClick={({ currentTarget }) => {
            // the button goes: the focus stays in the list of notices, or goes to the page
            const place =
              currentTarget.closest<HTMLElement>('[role="dialog"]') ?? document.getElementById("content");
            place?.focus({ preventScroll: true });
            undo();
          }}
        >
          {t.undo}
        </Button>
      )}
    </Group>
  );
}
