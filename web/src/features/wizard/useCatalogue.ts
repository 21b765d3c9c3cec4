import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Settings } from "../../api/investigation";
import { agentsQuery } from "../../sync/agent";
import { datasetsQuery } from "../../sync/dataset";
import { withAbsent } from "./toolMatrix";

/** The file that settings name, as far as one may know it, and the agents that there are for it. */
export function useCatalogue(settings: Settings) {
  const datasets = useQuery(datasetsQuery).data;
  const dataset = datasets?.find((d) => d.id === settings.dataset);
  // of a file that is gone, or a colleague's, nobody here can tell what it has columns for
  const catalogue = useQuery(agentsQuery(datasets ? dataset?.id : settings.dataset));
  const known = catalogue.data;
  const agents = useMemo(() => known && withAbsent(known, settings), [known, settings]);
  return { dataset, awaited: !datasets && settings.dataset !== undefined, catalogue, agents };
}
