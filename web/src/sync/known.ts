import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { getInvestigation } from "../api/investigation";
import { announceArrival } from "./arrivals";
import { type Delta, type Known, knownFrom, merge } from "./merge";
import { type Carrier, Trace } from "./trace";

export const keyOf = (id: string) => ["investigation", id] as const;

/** The server's truth about one investigation. Written only by merge. */
export const investigationQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf(id),
    queryFn: async ({ client, signal }): Promise<Known> => {
      const { state, durable } = await getInvestigation(id, signal);
      const known = client.getQueryData<Known>(keyOf(id));
      const delta = { state, durable, reset: known?.outdated };
      traceOf(id).note(delta, "load", false, Date.now());
      return merge(known, delta) ?? knownFrom(state, durable);
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    structuralSharing: false,
  });

const traces = new Map<string, Trace>();

/** What this page has received about an investigation. */
export function traceOf(id: string): Trace {
  const trace = traces.get(id) ?? new Trace();
  traces.set(id, trace);
  return trace;
}

type Share = (delta: Delta, by: Carrier) => void;
const shares = new Map<string, Share>();

/** Has what this page receives about an investigation passed on. Returns how to stop. */
export function onReceive(id: string, share: Share): () => void {
  shares.set(id, share);
  return () => {
    if (shares.get(id) === share) shares.delete(id);
  };
}

/** Merges what arrived into what is known, and passes it on to the other tabs. */
export function receive(client: QueryClient, id: string, delta: Delta, by: Carrier = "save") {
  shares.get(id)?.(delta, by);
  return take(client, id, delta, by, false);
}

/** Merges what arrived, by whatever way, into what is known. */
export function take(client: QueryClient, id: string, delta: Delta, by: Carrier, tab: boolean) {
  traceOf(id).note(delta, by, tab, Date.now());
  if ("events" in delta) announceArrival(id, delta.events);
  return client.setQueryData<Known>(keyOf(id), (known) => merge(known, delta));
}
