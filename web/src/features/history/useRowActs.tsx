import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type HistoryItem, setArchived } from "../../api/history";
import { drive } from "../../api/investigation";
import { t } from "./texts";

type Put = { items: readonly HistoryItem[]; archived: boolean };
type Outcome = { done: HistoryItem[]; failed: Error[] };

/** Puts each away or brings it back; one that is refused keeps no other from it. */
async function putAll({ items, archived }: Put): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  for (const item of items) {
    try {
      await setArchived(item.investigation_id, archived);
      outcome.done.push(item);
    } catch (error) {
      outcome.failed.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return outcome;
}

/** What can be done with rows of the list: archive and bring back (with undo), retry, cancel. */
export function useRowActs() {
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["history"] });

  const put = useMutation({
    mutationFn: putAll,
    onSuccess: ({ done, failed }, { items, archived }) => {
      if (done.length > 0) tellDone(done, archived);
      if (failed.length > 0) {
        notifications.show({
          color: "red",
          title: archived ? t.failed.archive : t.failed.unarchive,
          message: t.failed.some(failed.length, items.length, failed[0]?.message ?? ""),
          autoClose: 10_000,
        });
      }
    },
    onSettled: renew,
  });

  function tellDone(done: readonly HistoryItem[], archived: boolean) {
    const id = `archive-${done.map((item) => item.investigation_id).join("-")}`;
    const name = done[0]?.name ?? "";
    notifications.show({
      id,
      autoClose: 8000,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">
            {archived ? t.done.archived(done.length, name) : t.done.unarchived(done.length, name)}
          </Text>
          <Button
            size="compact-sm"
            variant="subtle"
            onClick={async () => {
              notifications.hide(id);
              const undone = await putAll({ items: done, archived: !archived });
              await renew();
              notifications.show(
                undone.failed[0]
                  ? {
                      color: "red",
                      title: archived ? t.failed.unarchive : t.failed.archive,
                      message: undone.failed[0].message,
                    }
                  : { message: t.done.undone, autoClose: 2500 },
              );
            }}
          >
            {t.done.undo}
          </Button>
        </Group>
      ),
    });
  }

  const run = useMutation({
    mutationFn: ({ id, act }: { id: string; act: "retry" | "cancel" }) => drive(id, act),
    onError: (error, { act }) =>
      notifications.show({ color: "red", title: t.failed[act], message: error.message, autoClose: 10_000 }),
    onSettled: renew,
  });

  return {
    archive: (items: readonly HistoryItem[], archived: boolean) => put.mutate({ items, archived }),
    retry: (item: HistoryItem) => run.mutate({ id: item.investigation_id, act: "retry" }),
    cancel: (item: HistoryItem) => run.mutate({ id: item.investigation_id, act: "cancel" }),
    busy: put.isPending || run.isPending,
  };
}
