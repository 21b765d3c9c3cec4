import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../api/problem";

/** An answer that asking again will not change. */
const final = (error: unknown) =>
  !(error instanceof ApiError) ||
  (error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429);

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 3 && !final(error),
      retryDelay: (attempt, error) =>
        (error instanceof ApiError ? error.retryAfterMs : null) ?? Math.min(1000 * 2 ** attempt, 10_000),
    },
  },
});
