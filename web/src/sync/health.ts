import { useQuery } from "@tanstack/react-query";
import { getHealth, type Health } from "../api/health";

const [calmMs, worriedMs] = [20_000, 3000];

/** Whether the server's writes are durable, asked now and then; undefined before it has said so. */
export const useHealth = (): Health | null | undefined =>
  useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => getHealth(signal),
    refetchInterval: (query) => (query.state.data?.durability === "memory" ? worriedMs : calmMs),
    retry: false,
  }).data;
