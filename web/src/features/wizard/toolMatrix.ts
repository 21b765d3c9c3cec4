import type { Agent } from "../../api/agent";
import type { ToolChoice } from "../../api/investigation";

/** How one tool stands in a matrix. */
export type Chosen = { enabled: boolean; params: Record<string, number> };

/** An empty matrix means every tool with its defaults; in any other, a tool that is not named is off. */
export function chosen(matrix: ToolChoice[], agent: string, tool: string): Chosen {
  if (matrix.length === 0) return { enabled: true, params: {} };
  const entry = matrix.find((c) => c.agent === agent && c.tool === tool);
  return { enabled: entry?.enabled ?? false, params: entry?.params ?? {} };
}

/**
 * The matrix with some tools changed. It names every tool of the catalogue, so that a later
 * version's new tools do not change what was chosen; where everything stands at its default it is empty.
 */
export function change(
  matrix: ToolChoice[],
  agents: Agent[],
  which: (agent: string, tool: string) => boolean,
  how: (now: Chosen) => Chosen,
): ToolChoice[] {
  const all = agents.flatMap(({ agent, tools }) =>
    tools.map(({ tool }): ToolChoice => {
      const now = chosen(matrix, agent, tool);
      const { enabled, params } = which(agent, tool) ? how(now) : now;
      return Object.keys(params).length > 0 ? { agent, tool, enabled, params } : { agent, tool, enabled };
    }),
  );
  return all.every((c) => c.enabled && !c.params) ? [] : all;
}
