import type { Event } from "../../api/event";
import type { Investigation } from "../../api/investigation";

/** An agent's risk as it was told by the event `seq`; null at the start of a run, which begins anew. */
export type RiskStep = { seq: number; at: string; agent: string; risk: number | null };

/** What the agents' risks are in a state, as if its newest event had told them. */
export const standing = ({ version, progress, started_at }: Investigation): RiskStep[] =>
  progress.agents.flatMap(({ agent, risk }) =>
    risk === null ? [] : [{ seq: version, at: progress.last_activity_at ?? started_at ?? "", agent, risk }],
  );

/** The steps with those that the events tell; by seq, each once. Returns `steps` itself where there is none. */
export function withRisk(steps: readonly RiskStep[], events: readonly Event[]): readonly RiskStep[] {
  const known = new Set(steps.map((step) => step.seq));
  const told = events.flatMap((event): RiskStep[] => {
    if (!event.durable || known.has(event.seq)) return [];
    const { seq, at } = event;
    if (event.type === "agent.changed" && event.data.risk !== null) {
      return [{ seq, at, agent: event.data.agent, risk: event.data.risk }];
    }
    if (event.type === "status.changed" && event.data.act === "start")
      return [{ seq, at, agent: "", risk: null }];
    return [];
  });
  return told.length === 0 ? steps : [...steps, ...told].sort((a, b) => a.seq - b.seq);
}

/** From `at` (ms since the epoch) on, the highest risk that an agent saw was `risk`, and `agent` saw it. */
export type RiskPoint = { at: number; risk: number; agent: string };

/** The highest risk of any agent over the newest run; a point for each change. */
export function highest(steps: readonly RiskStep[]): RiskPoint[] {
  let agents = new Map<string, number>();
  let points: RiskPoint[] = [];
  for (const { at, agent, risk } of steps) {
    if (risk === null) {
      [agents, points] = [new Map(), []];
      continue;
    }
    agents.set(agent, risk);
    const [who = "", most = 0] = [...agents].reduce((a, b) => (b[1] > a[1] ? b : a));
    const last = points.at(-1);
    if (last?.risk !== most || last.agent !== who)
      points.push({ at: Date.parse(at), risk: most, agent: who });
  }
  return points;
}
