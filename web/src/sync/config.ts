import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { type Config, getConfig } from "../api/config";

type Told = Pick<Config, "polling" | "limits" | "features">;

/** What the server is configured to; before it has said so, the defaults of the contract. */
const defaults: Told = {
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
  features: { polling: true, streams: true, templates: true, state_recovery: true, audit_logging: true },
};

export const configQuery = queryOptions({
  queryKey: ["config"],
  queryFn: ({ signal }) => getConfig(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export function useConfig(): Told {
  return useQuery(configQuery).data ?? defaults;
}

export const configOf = (client: QueryClient): Told => client.getQueryData(configQuery.queryKey) ?? defaults;
