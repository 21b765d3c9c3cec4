import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../../sync/dataset";
import { useTitles } from "../../ui/useTitles";
import type { Names } from "./describe";

/** What tools and data sets are called; one that is gone by its id. */
export function useCalled(): Names {
  const { tool } = useTitles();
  const datasets = useQuery(datasetsQuery).data;
  return { tool, dataset: (id) => datasets?.find((d) => d.id === id)?.name ?? id };
}
