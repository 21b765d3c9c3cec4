import type { Agent } from "../../api/agent";
import type { Settings, ToolChoice } from "../../api/investigation";
import { spellOut } from "../../ui/useTitles";
import { t } from "./texts";

/** An agent as the form shows it; one that is absent is named by the settings, and not connected at the moment. */
export type ShownAgent = Agent & { absent?: boolean };

/** The catalogue, and after it the agents and tools that settings name and it does not have: what was chosen of them stays. */
export function withAbsent(agents: Agent[], settings: Settings): ShownAgent[] {
  const has = (agent: string, tool?: string) =>
    agents.some((a) => a.agent === agent && (tool === undefined || a.tools.some((x) => x.tool === tool)));
  const absent = new Map<string, Agent["tools"]>();
  for (const agent of Object.keys(settings.scoring.agent_weights)) if (!has(agent)) absent.set(agent, []);
  for (const { agent, tool } of settings.tool_matrix) {
    if (has(agent, tool)) continue;
    const title = spellOut(tool);
    const lost = {
      tool,
      title,
      description: "",
      needs: [],
      params: [],
      assessable: false,
      reason: t.tools.absent,
    };
    absent.set(agent, [...(absent.get(agent) ?? []), lost]);
  }
  return [
    ...agents,
    ...[...absent].map(([agent, tools]) => ({
      agent,
      title: agents.find((a) => a.agent === agent)?.title ?? spellOut(agent),
      description: t.tools.absentHint,
      external: true,
      absent: true,
      tools,
    })),
  ];
}

/** How one tool stands in a matrix. */
export type Chosen = { enabled: boolean; params: Record<string, number> };

/** An empty matrix means every tool of the server's own with its defaults; in any other, a tool that is not named is off. */
export function chosen(matrix: ToolChoice[], agent: Pick<Agent, "agent" | "external">, tool: string): Chosen {
  if (matrix.length === 0) return { enabled: !agent.external, params: {} };
  const entry = matrix.find((c) => c.agent === agent.agent && c.tool === tool);
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
  const all = agents.flatMap((of) =>
    of.tools.map(({ tool }) => {
      const now = chosen(matrix, of, tool);
      const { enabled, params } = which(of.agent, tool) ? how(now) : now;
      const own = Object.keys(params).length > 0;
      const choice: ToolChoice = { agent: of.agent, tool, enabled, ...(own ? { params } : {}) };
      return { choice, ordinary: enabled !== of.external && !own };
    }),
  );
  return all.every(({ ordinary }) => ordinary) ? [] : all.map(({ choice }) => choice);
}
