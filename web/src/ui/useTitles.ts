import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getAgents } from "../api/agent";

/** What to call agents and tools. */
export type Titles = { agent: (agent: string) => string; tool: (tool: string) => string };

/** An id as words, where the catalogue has no title for it: "impossible_travel" is "Impossible travel". */
export function spellOut(id: string): string {
  const words = id.replace(/[_-]+/g, " ").trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : id;
}

/** The titles of the server's catalogue; until it has come, and for what it no longer holds, the ids as words. */
export function useTitles(): Titles {
  const { data } = useQuery({
    queryKey: ["agents", "titles"],
    queryFn: ({ signal }) => getAgents(undefined, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return useMemo(() => {
    const agents = new Map((data ?? []).map((agent) => [agent.agent, agent.title]));
    const tools = new Map(
      (data ?? []).flatMap((agent) => agent.tools.map((tool) => [tool.tool, tool.title])),
    );
    return {
      agent: (id) => agents.get(id) || spellOut(id),
      tool: (id) => tools.get(id) || spellOut(id),
    };
  }, [data]);
}
