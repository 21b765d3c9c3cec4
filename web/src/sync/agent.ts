import { queryOptions } from "@tanstack/react-query";
import { getAgents } from "../api/agent";

/** The catalogue of agents and tools; with a data set, what of it can be assessed. */
export const agentsQuery = (dataset: string | undefined) =>
  queryOptions({
    queryKey: ["agents", dataset ?? null],
    queryFn: ({ signal }) => getAgents(dataset, signal),
    staleTime: 60_000,
  });
