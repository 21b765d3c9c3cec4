import { queryOptions } from "@tanstack/react-query";
import { getColumns, getDataset, getDatasets, getRejected, getShapes } from "../api/dataset";
import { getMatch, type Joining } from "../api/join";
import { getRefused } from "../api/refused";
import { getUploads } from "../api/upload";

export const datasetsQuery = queryOptions({
  queryKey: ["datasets"],
  queryFn: ({ signal }) => getDatasets(signal),
});

export const datasetQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id], queryFn: ({ signal }) => getDataset(id, signal) });

export const columnsQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id, "columns"], queryFn: ({ signal }) => getColumns(id, signal) });

export const shapesQuery = queryOptions({
  queryKey: ["mappings"],
  queryFn: ({ signal }) => getShapes(signal),
});

export const matchQuery = (id: string, joining: Joining) =>
  queryOptions({
    queryKey: ["datasets", id, "match", joining],
    queryFn: ({ signal }) => getMatch(id, joining, signal),
    retry: false,
  });

export const rejectedQuery = (id: string) =>
  queryOptions({ queryKey: ["datasets", id, "rejected"], queryFn: ({ signal }) => getRejected(id, signal) });

export const uploadsQuery = queryOptions({
  queryKey: ["uploads"],
  queryFn: ({ signal }) => getUploads(signal),
});

export const refusedQuery = queryOptions({
  queryKey: ["datasets", "refused"],
  queryFn: ({ signal }) => getRefused(signal),
});
