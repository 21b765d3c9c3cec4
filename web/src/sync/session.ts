import { queryOptions, useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { onSessionExpired } from "../api/client";
import { getMe } from "../api/session";

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => getMe(signal),
  staleTime: Number.POSITIVE_INFINITY,
  retry: false,
  retryOnMount: false,
});

export const useMe = () => useQuery(meQuery);

type Expired = {
  /** Requests that wait for a new login. */
  waiting: (() => void)[];
  wait: () => Promise<void>;
  resume: () => void;
};

/** Whether the session ended while the app is open, and who waits for a new one. */
export const useExpired = create<Expired>((set, get) => ({
  waiting: [],
  wait: () => new Promise<void>((resolve) => set({ waiting: [...get().waiting, resolve] })),
  resume: () => {
    const { waiting } = get();
    set({ waiting: [] });
    for (const go of waiting) go();
  },
}));

onSessionExpired(() => useExpired.getState().wait());
