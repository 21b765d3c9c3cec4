import { queryOptions } from "@tanstack/react-query";
import { getChanges, getCheckpoints } from "../../api/checkpoint";

export const checkpointsQuery = (id: string) =>
  queryOptions({ queryKey: ["checkpoints", id], queryFn: ({ signal }) => getCheckpoints(id, signal) });

/** What differs between two versions. Two that are past never differ otherwise later. */
export const changesQuery = (id: string, from: number, to: number) =>
  queryOptions({
    queryKey: ["changes", id, from, to],
    queryFn: ({ signal }) => getChanges(id, from, to, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
