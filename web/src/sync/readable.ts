import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getCatalogue } from "../api/agent";
import { datasetsQuery } from "./dataset";

/** Puts the names of data sets and the titles of checks in place of their ids in the server's words. */
export function useReadable(): (text: string) => string {
  const datasets = useQuery(datasetsQuery).data;
  const catalogue = useQuery({
    queryKey: ["agents", "titles"],
    queryFn: ({ signal }) => getCatalogue(signal),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
  return useMemo(() => {
    const titles = new Map(
      (catalogue?.agents ?? []).flatMap((agent) => agent.tools.map((tool) => [tool.tool, tool.title])),
    );
    return (text) =>
      (datasets ?? [])
        .reduce((words, { id, name }) => words.replaceAll(id, name), text)
        .replace(/\b[A-Z]{3}-\d\d\b/g, (tool) => titles.get(tool) ?? tool);
  }, [datasets, catalogue]);
}
