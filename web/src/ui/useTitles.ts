import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { getCatalogue } from "../api/agent";
import { t } from "../app/texts";

/** What to call agents, tools and columns. */
export type Titles = {
  agent: (agent: string) => string;
  tool: (tool: string) => string;
  /** As it stands in a sentence: "country of the IP address"; of alternatives, "a or b", each. */
  column: (column: string) => string;
};

/** An id as words, where the catalogue has no title for it: "impossible_travel" is "Impossible travel". */
export function spellOut(id: string): string {
  const words = id.replace(/[_-]+/g, " ").trim();
  return words ? words[0]?.toUpperCase() + words.slice(1) : id;
}

const types: Record<string, string> = t.entityType;

/** What a type of entities is called: "IP address". */
export const typeName = (type: string) => types[type] ?? spellOut(type);

/** "User" within a sentence: "user". What begins with an abbreviation stays: "IP address". */
export const within = (title: string) =>
  /^\p{Lu}\p{Ll}/u.test(title) || /^\p{Lu}-/u.test(title)
    ? title.charAt(0).toLowerCase() + title.slice(1)
    : title;

/** An entity within a sentence: "user u_1", "IP address 192.0.2.1". */
export const entityName = ({ type, value }: { type: string; value: string }) =>
  `${within(typeName(type))} ${value}`;

const nothing: readonly { tool: string; title: string }[] = [];

export const titlesQuery = queryOptions({
  queryKey: ["agents", "titles"],
  queryFn: ({ signal }) => getCatalogue(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The titles of the server's catalogue; for checks that it no longer holds those of the run, and where there is none the ids as words. */
export function useTitles(checks = nothing): Titles {
  const { data } = useQuery(titlesQuery);
  return useMemo(() => {
    const agents = new Map((data?.agents ?? []).map((agent) => [agent.agent, agent.title]));
    const tools = new Map(
      [...checks, ...(data?.agents ?? []).flatMap((agent) => agent.tools)].map(({ tool, title }) => [
        tool,
        title,
      ]),
    );
    const columns = new Map((data?.columns ?? []).map(({ name, title }) => [name, title]));
    return {
      agent: (id) => agents.get(id) || spellOut(id),
      tool: (id) => tools.get(id) || spellOut(id),
      column: (names) =>
        names
          .split(" or ")
          .map((name) => within(columns.get(name) || spellOut(name)))
          .join(" or "),
    };
  }, [data, checks]);
}
