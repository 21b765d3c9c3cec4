import { useQuery } from "@tanstack/react-query";
import { datasetsQuery } from "../../sync/dataset";

/** Puts the names of data sets in place of their ids in the server's words. */
export function useReadable(): (text: string) => string {
  const datasets = useQuery(datasetsQuery).data ?? [];
  return (text) => datasets.reduce((words, { id, name }) => words.replaceAll(id, name), text);
}
