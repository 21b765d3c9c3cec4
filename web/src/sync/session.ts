import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { onSessionExpired } from "../api/client";
import { getMe, type Me } from "../api/session";
import { belongTo } from "./owner";

function known(me: Me | null): Me | null {
  if (me) belongTo(me.id);
  try {
    // public/early.js reads it
    if (me) localStorage.setItem("olorin-here", "yes");
    else localStorage.removeItem("olorin-here");
  } catch {
    // full or refused: the next visit asks for its list a little later
  }
  return me;
}

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => known(await getMe(signal)),
  staleTime: ({ state }) => (state.data ? Number.POSITIVE_INFINITY : 5_000), // somebody may log in in another tab
  retry: false,
  retryOnMount: false,
});

export const useMe = () => useQuery(meQuery);

/** Takes note of who has just logged in. */
export const setMe = (client: QueryClient, me: Me) => client.setQueryData(meQuery.queryKey, known(me));

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
