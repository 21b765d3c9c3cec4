import { keepPreviousData, type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { getHistory } from "../../api/history";
import { useConnection } from "../../sync/connection";
import { type Filters, readFilters, toQuery } from "./filters";

const whileRunningMs = 1500;
const atRestMs = 5000;

/** Where each page ended that was looked at, by the filters: the next one goes on from there, however deep it is. */
const ends = new Map<string, string>();
const maxEnds = 1000;

const endKey = (filters: Filters, page: number) => toQuery({ ...filters, page }).toString();

const historyQuery = (filters: Filters) => {
  const query = toQuery(filters);
  return queryOptions({
    queryKey: ["history", query.toString()],
    queryFn: async ({ signal }) => {
      const asked = new URLSearchParams(query);
      const end = filters.page > 1 ? ends.get(endKey(filters, filters.page - 1)) : undefined;
      if (end) asked.set("cursor", end);
      const page = await getHistory(asked, signal);
      if (ends.size > maxEnds) ends.clear();
      if (page.next_cursor) ends.set(endKey(filters, filters.page), page.next_cursor);
      return page;
    },
    staleTime: 1000,
  });
};

/** Asks for the page of the list that an address shows, before it is drawn. */
export const prefetchHistory = (client: QueryClient, search: URLSearchParams) =>
  client.prefetchQuery(historyQuery(readFilters(search)));

/**
 * A page of the list, asked for again every few seconds; an answer that did not change is a 304 to the browser.
 * `current` tells whether what is shown is what the server says now.
 */
export function useHistory(filters: Filters) {
  const list = useQuery({
    ...historyQuery(filters),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.items.some((item) => item.status === "running") ? whileRunningMs : atRestMs,
  });
  const online = useConnection(({ online }) => online);
  const current = online && list.failureCount === 0 && !list.isError && !list.isPaused;
  // named one by one: a page is drawn again when one of them changes, not whenever it asks
  const { data, dataUpdatedAt, isPlaceholderData, error, refetch } = list;
  return { data, dataUpdatedAt, isPlaceholderData, error, refetch, current };
}
