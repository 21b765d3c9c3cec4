import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { getHealth, type Health } from "../api/health";
import { useConnection } from "./connection";

const [calmMs, worriedMs] = [20_000, 3000];

/** Whether the server's writes are durable, asked now and then, and when a save is held; undefined before it has said so. */
export function useHealth(): Health | null | undefined {
  const { data, refetch } = useQuery({
    queryKey: ["health"],
    queryFn: ({ signal }) => getHealth(signal),
    refetchInterval: (query) => (query.state.data?.durability === "memory" ? worriedMs : calmMs),
    retry: false,
  });
  const inMemory = useConnection((connection) => connection.inMemory);
  useEffect(() => {
    if (inMemory) void refetch();
  }, [inMemory, refetch]);
  return data;
}
