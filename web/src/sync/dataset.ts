import { queryOptions } from "@tanstack/react-query";
import { getColumns, getDataset, getDatasets } from "../api/dataset";

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => getDatasets(signal),
});

export const datasetQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id], queryFn: ({ signal }) => getDataset(id, signal) });

export const columnsQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id, "columns"], queryFn: ({ signal }) => getColumns(id, signal) });
