import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../../sync/dataset";
import { useTitles } from "../../ui/useTitles";
import type { Names } from "./describe";
import { t } from "./texts";

/** What tools and data sets are called. */
export function useCalled(): Names {
  const { tool } = useTitles();
  const datasets = useQuery(datasetsQuery).data;
  return {
    tool,
    dataset: (id) => (datasets ? (datasets.find((d) => d.id === id)?.name ?? t.foreignDataset) : "…"),
  };
}
