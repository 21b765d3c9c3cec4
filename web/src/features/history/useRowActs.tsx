import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  discardDraft,
  driveRow,
  exportHistory,
  type HistoryItem,
  restoreDraft,
  setArchived,
} from "../../api/history";
import type { Settings } from "../../api/investigation";
import { saveAs } from "../../ui/save";
import { tellUndoable } from "../../ui/undo";
import { t } from "./texts";

type Put = { items: readonly HistoryItem[]; archived: boolean };

/** What a row offers; the same object at each drawing, so that a row is drawn again only where it changed. */
export type RowActs = {
  archive: (items: readonly HistoryItem[], archived: boolean) => void;
  retry: (item: HistoryItem) => void;
  cancel: (item: HistoryItem) => void;
  discard: (item: HistoryItem) => void;
};

const idsOf = (items: readonly HistoryItem[]) => items.map((item) => item.investigation_id);

/** What can be done with rows of the list: archive and bring back (with undo), retry, cancel. */
export function useRowActs() {
  const client = useQueryClient();
  const renew = () => client.invalidateQueries({ queryKey: ["history"] });

  const put = useMutation({
    mutationFn: ({ items, archived }: Put) => setArchived(idsOf(items), archived),
    onSuccess: ({ archived: put, refused }, { items, archived }) => {
      const done = items.filter((item) => put.includes(item.investigation_id));
      if (done.length > 0) tellDone(done, archived);
      if (refused[0]) {
        notifications.show({
          color: "red",
          title: archived ? t.failed.archive : t.failed.unarchive,
          message: t.failed.some(refused.length, items.length, refused[0].detail),
          autoClose: 10_000,
        });
      }
    },
    onError: (error, { archived }) =>
      notifications.show({
        color: "red",
        title: archived ? t.failed.archive : t.failed.unarchive,
        message: error.message,
        autoClose: 10_000,
      }),
    onSettled: renew,
  });

  const undo = useMutation({
    mutationFn: ({ items, archived }: Put) => setArchived(idsOf(items), archived),
    onSuccess: ({ refused }, { archived }) =>
      notifications.show(
        refused[0]
          ? {
              color: "red",
              title: archived ? t.failed.archive : t.failed.unarchive,
              message: refused[0].detail,
            }
          : { message: t.done.undone, autoClose: 2500 },
      ),
    onError: (error, { archived }) =>
      notifications.show({
        color: "red",
        title: archived ? t.failed.archive : t.failed.unarchive,
        message: error.message,
      }),
    onSettled: renew,
  });

  const tellDone = (done: readonly HistoryItem[], archived: boolean) =>
    tellUndoable((archived ? t.done.archived : t.done.unarchived)(done.length, done[0]?.name ?? ""), () =>
      undo.mutateAsync({ items: done, archived: !archived }),
    );

  const run = useMutation({
    mutationFn: ({ id, act }: { id: string; act: "retry" | "cancel" }) => driveRow(id, act),
    onError: (error, { act }) =>
      notifications.show({ color: "red", title: t.failed[act], message: error.message, autoClose: 10_000 }),
    onSettled: renew,
  });

  const discard = useMutation({
    mutationFn: async ({ item, back }: { item: HistoryItem; back?: Settings }) => {
      if (back) {
        await restoreDraft(item, back);
        return back;
      }
      const { getInvestigation } = await import("../../api/investigation"); // the list shows none of it
      const { state } = await getInvestigation(item.investigation_id);
      await discardDraft(item.investigation_id);
      return state.settings;
    },
    onSuccess: (settings, { item, back }) => {
      if (!back)
        tellUndoable(t.done.discarded(item.name), () => discard.mutateAsync({ item, back: settings }));
    },
    onError: (error) =>
      notifications.show({
        color: "red",
        title: t.failed.discard,
        message: error.message,
        autoClose: 10_000,
      }),
    onSettled: renew,
  });

  const exporting = useMutation({
    mutationFn: ({ query, ids }: { query: URLSearchParams; ids: readonly string[]; count: number }) =>
      exportHistory(query, ids),
    onSuccess: (file, { count }) => {
      saveAs(t.file, "text/csv;charset=utf-8", file);
      notifications.show({ message: t.exported(count) });
    },
    onError: (error) =>
      notifications.show({ color: "red", title: t.failed.export, message: error.message, autoClose: 10_000 }),
  });

  const { mutate: putAway } = put;
  const { mutate: drive } = run;
  const { mutate: throwAway } = discard;
  const row: RowActs = useMemo(
    () => ({
      archive: (items, archived) => putAway({ items, archived }),
      retry: (item) => drive({ id: item.investigation_id, act: "retry" }),
      cancel: (item) => drive({ id: item.investigation_id, act: "cancel" }),
      discard: (item) => throwAway({ item }),
    }),
    [putAway, drive, throwAway],
  );

  return {
    row,
    exportList: (query: URLSearchParams, count: number, ids: readonly string[] = []) =>
      exporting.mutate({ query, ids, count }),
    exporting: exporting.isPending,
    busy: put.isPending || run.isPending,
  };
}
