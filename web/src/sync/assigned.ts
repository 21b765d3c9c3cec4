import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import * as z from "zod/mini";
import { getHistory, type HistoryItem } from "../api/history";
import { useMe } from "./session";

const everyMs = 60_000;
const kept = 200;

const told = z.catch(z.array(z.string()), []);
const place = (user: string) => `olorin-assigned ${user}`;

/** Ids of what the user was told of in this browser; nothing where there is no storage. */
function read(user: string): string[] {
  try {
    return told.parse(JSON.parse(localStorage.getItem(place(user)) ?? "[]"));
  } catch {
    return [];
  }
}

/** Which of the items the user was not told of yet; from now on they count as told. What is assigned no more may be told again. */
export function notTold(user: string, items: readonly Pick<HistoryItem, "investigation_id">[]): string[] {
  const before = new Set(read(user));
  const ids = items.map((item) => item.investigation_id);
  try {
    localStorage.setItem(place(user), JSON.stringify(ids.slice(0, kept)));
  } catch {
    // without storage it is told anew by the next page, which is better than never
  }
  return ids.filter((id) => !before.has(id));
}

/** Asks every minute what the user is asked to review, and calls `tell` with what is new. */
export function useAssigned(tell: (items: HistoryItem[]) => void) {
  const me = useMe().data?.id;
  const { data } = useQuery({
    queryKey: ["history", "assigned to me"],
    queryFn: ({ signal }) => getHistory(new URLSearchParams({ whose: "assigned", limit: "100" }), signal),
    enabled: me !== undefined,
    refetchInterval: everyMs,
    retry: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer is told once, by whoever listens then
  useEffect(() => {
    if (!data || me === undefined) return;
    const fresh = new Set(notTold(me, data.items));
    if (fresh.size > 0) tell(data.items.filter((item) => fresh.has(item.investigation_id)));
  }, [data, me]);
}
