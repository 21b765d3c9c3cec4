import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ApiError } from "../api/problem";
import { useConfig } from "./config";
import { follow } from "./follow";
import { investigationQuery } from "./known";

/**
 * Follows an investigation while the component is mounted: the query cache stays in step with the
 * server. Returns why it cannot be followed any more, where the server said so.
 */
export function useFollow(id: string): ApiError | null {
  const client = useQueryClient();
  const [gone, setGone] = useState<ApiError | null>(null);
  const loaded = useQuery({ ...investigationQuery(id), select: () => true }).data === true;
  useConfig(); // how to follow is asked for before it is needed

  useEffect(() => {
    if (!loaded) return;
    setGone(null);
    return follow(client, id, setGone);
  }, [client, id, loaded]);

  return gone;
}
