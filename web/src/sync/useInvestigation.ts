import { type QueryClient, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Config, getConfig } from "../api/config";
import { getInvestigation, type Investigation } from "../api/investigation";
import type { ApiError } from "../api/problem";
import { announceArrival } from "./arrivals";
import { useConnection } from "./connection";
import { type Link, openLink, pollTransport } from "./link";
import { type Delta, hasGap, type Known, merge } from "./merge";

const keyOf = (id: string) => ["investigation", id] as const;

/** The server's truth about one investigation. Written only by merge. */
const investigationQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf(id),
    queryFn: async ({ client, signal }): Promise<Known> => {
      const state = await getInvestigation(id, signal);
      return (
        merge(client.getQueryData<Known>(keyOf(id)), { state }) ?? { state, waiting: [], unreadable: false }
      );
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    structuralSharing: false,
  });

/** Merges what arrived, by whatever way, into what is known. */
export function receive(client: QueryClient, id: string, delta: Delta): Known | undefined {
  if ("events" in delta) announceArrival(id, delta.events);
  return client.setQueryData<Known>(keyOf(id), (known) => merge(known, delta));
}

/** The state of an investigation, kept current while some component follows it. */
export function useInvestigation(id: string) {
  return useQuery({ ...investigationQuery(id), select: (known): Investigation => known.state });
}

/** What the server is configured to; before it has said so, the defaults of the contract. */
const defaults: Pick<Config, "polling" | "limits" | "features"> = {
  polling: {
    fast_ms: 500,
    normal_ms: 2000,
    slow_ms: 5000,
    max_retries: 3,
    backoff_multiplier: 2,
    max_backoff_ms: 30_000,
  },
  limits: {
    state_max_kb: 500,
    template_max: 50,
    upload_max_bytes: Number.POSITIVE_INFINITY,
    entities_max: 10,
  },
  features: { polling: true, templates: true, state_recovery: true, audit_logging: true },
};

const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => getConfig(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useConfig(): Pick<Config, "polling" | "limits" | "features"> {
  return useQuery(configQuery).data ?? defaults;
}

export const configOf = (client: QueryClient): Pick<Config, "polling" | "limits" | "features"> =>
  client.getQueryData(configQuery.queryKey) ?? defaults;

const atRest = (state: Investigation) =>
  state.status === "completed" || state.status === "cancelled" || state.status === "error";

/**
 * Follows an investigation while the component is mounted: the query cache stays in step with the
 * server. Returns why it cannot be followed any more, where the server said so.
 */
export function useFollow(id: string): ApiError | null {
  const client = useQueryClient();
  const [gone, setGone] = useState<ApiError | null>(null);
  const loaded = useQuery({ ...investigationQuery(id), select: () => true }).data === true;

  useEffect(() => {
    if (!loaded) return;
    setGone(null);
    const known = () => client.getQueryData<Known>(keyOf(id));
    let link: Link | null = null;
    link = openLink({
      id,
      transport: pollTransport,
      cursor: () => known()?.state.version ?? null,
      atRest: () => {
        const held = known();
        return held !== undefined && atRest(held.state);
      },
      onDelta: (delta) => {
        const now = receive(client, id, delta);
        if (now?.unreadable) void client.invalidateQueries({ queryKey: keyOf(id) });
        else if (now && hasGap(now)) link?.nudge();
      },
      onState: ({ lost, retryAt }) =>
        useConnection.setState({ lost, retryAt, retryNow: () => link?.nudge() }),
      onGone: setGone,
      polling: () => configOf(client).polling,
    });
    return () => {
      link?.close();
      useConnection.setState({ lost: false, retryAt: null, retryNow: null });
    };
  }, [client, id, loaded]);

  return gone;
}
