import { queryOptions, skipToken } from "@tanstack/react-query";
import { type Dataset, getColumns, getDataset, getDatasets, getRejected, getShapes } from "../api/dataset";
import type { EntityType } from "../api/entity";
import { getMatch, type Joining } from "../api/join";
import { getRanking } from "../api/ranking";
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

/** The first 100 of a file by risk. It is dear, and stays the same until somebody says otherwise of the columns or accepts weights. */
export const rankingQuery = ({ id, columns }: Dataset, by: EntityType | undefined) =>
  queryOptions({
    queryKey: ["rankings", id, by, columns.map((column) => column.canonical)],
    queryFn: by ? ({ signal }) => getRanking(id, by, 100, signal) : skipToken,
    staleTime: 10 * 60_000, // weights may be accepted by somebody else
    retry: false,
  });
