import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getHistory } from "../../api/history";
import { type Filters, toQuery } from "./filters";

const whileRunningMs = 2500;
const atRestMs = 30_000;

/** A page of the list; renewed every few seconds while something on it runs, and now and then otherwise. */
export function useHistory(filters: Filters) {
  const query = toQuery(filters);
  return useQuery({
    queryKey: ["history", query.toString()],
    queryFn: ({ signal }) => getHistory(query, signal),
    placeholderData: keepPreviousData,
    staleTime: 1000,
    refetchInterval: ({ state }) =>
      state.data?.items.some((item) => item.status === "running") ? whileRunningMs : atRestMs,
  });
}
