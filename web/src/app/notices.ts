import { notificationsStore } from "@mantine/notifications";
import type { ReactNode } from "react";
import { create } from "zustand";

type Notice = { id: string; at: number; title: ReactNode; message: ReactNode; bad: boolean };

const kept = 50;

type Notices = { list: readonly Notice[]; unread: number; seen: () => void; clear: () => void };

/** Every toast of this visit, newest first: one that went by too quickly is still to be read, and its undo still to be used. */
export const useNotices = create<Notices>((set) => ({
  list: [],
  unread: 0,
  seen: () => set({ unread: 0 }),
  clear: () => set({ list: [], unread: 0 }),
}));

notificationsStore.subscribe(({ notifications, queue }) => {
  const { list, unread } = useNotices.getState();
  const known = new Set(list.map((notice) => notice.id));
  const fresh = [...notifications, ...queue].filter(({ id }) => id !== undefined && !known.has(id));
  if (fresh.length === 0) return;
  const added = fresh.map(({ id = "", title, message, color }) => ({
    id,
    at: Date.now(),
    title,
    message,
    bad: color === "red",
  }));
  useNotices.setState({ list: [...added.reverse(), ...list].slice(0, kept), unread: unread + fresh.length });
});
