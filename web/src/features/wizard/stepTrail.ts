import type { Step } from "../../api/status";

/** The steps that were visited, in order, and at which of them one is. */
export type StepTrail = { visited: Step[]; at: number };

/** Begins with what the server remembers; a step that follows itself is one visit. */
export function trailOf(history: readonly { step: Step }[], now: Step): StepTrail {
  const visited = [...history.map((visit) => visit.step), now].filter((s, i, all) => s !== all[i - 1]);
  return { visited, at: visited.length - 1 };
}

/** One is at a step now: a move along the trail keeps it whole, any other cuts off what lay ahead. */
export function walked(trail: StepTrail, step: Step): StepTrail {
  if (trail.visited[trail.at] === step) return trail;
  return { visited: [...trail.visited.slice(0, trail.at + 1), step], at: trail.at + 1 };
}

/** The trail after going back (-1) or forward (1); unchanged at its ends. */
export const moved = (trail: StepTrail, by: -1 | 1): StepTrail =>
  trail.visited[trail.at + by] === undefined ? trail : { ...trail, at: trail.at + by };
