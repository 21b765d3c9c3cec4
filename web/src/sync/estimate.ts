import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getHistory } from "../api/history";
import type { Investigation } from "../api/investigation";
import { getPreflight, type Preflight } from "../api/preflight";
import type { Fault } from "../api/problem";

/** What is counted and was measured of a run before its start. */
export type Estimate = {
  /** Null where nothing could be counted. */
  counted: Preflight | null;
  /** What the server has against the entities as they are shown; nothing while that is being asked. */
  faults: Fault[];
  /** How long the newest finished runs took, shortest and longest, in ms; null where none was measured. */
  took: { runs: number; from: number; to: number } | null;
};

const looked = 10;

/** Counts for the settings that the server holds; `saved` false: what is shown is not counted yet. */
export function useEstimate(state: Investigation, saved: boolean): Estimate {
  const { dataset, entities } = state.settings;
  const countable = state.status === "draft" && dataset !== undefined && entities.length > 0;
  const counted = useQuery({
    queryKey: ["preflight", state.investigation_id, state.settings],
    queryFn: ({ signal }) => getPreflight(state.investigation_id, signal),
    enabled: countable && saved,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const measured = useQuery({
    queryKey: ["history", "measured"],
    queryFn: ({ signal }) =>
      getHistory(
        new URLSearchParams({ status: "completed", sort: "-finished_at", limit: String(looked) }),
        signal,
      ),
    enabled: state.status === "draft",
    retry: false,
  });
  const times = (measured.data?.items ?? []).flatMap(({ duration_ms: ms }) => (ms ? [ms] : []));
  const found = countable && saved && !counted.isPlaceholderData ? counted.data?.faults : undefined;
  const faults = useMemo(
    () => found?.filter(({ pointer }) => pointer.startsWith("/settings/entities/")) ?? [],
    [found],
  );
  return {
    counted: countable ? (counted.data ?? null) : null,
    faults,
    took: times.length > 0 ? { runs: times.length, from: Math.min(...times), to: Math.max(...times) } : null,
  };
}
