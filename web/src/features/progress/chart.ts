import type { Progress, ToolProgress } from "../../api/investigation";

export type OutcomeFilter = "all" | NonNullable<ToolProgress["outcome"]>;

/** How many checks came to what, and how many are over. */
export function countTools(tools: readonly ToolProgress[]) {
  const counts = { all: tools.length, fired: 0, clear: 0, not_assessed: 0, failed: 0, over: 0 };
  for (const tool of tools) {
    if (tool.outcome) counts[tool.outcome] += 1;
    if (tool.status === "completed" || tool.status === "failed") counts.over += 1;
  }
  return counts;
}

export type Bar = { left: number; width: number };

/**
 * Where a check stands on the run's time axis, in percent of [from, to] (ms since the epoch); null before
 * its start. A bar is at least half a percent wide, so that it can be seen.
 */
export function barOf(tool: ToolProgress, from: number, to: number): Bar | null {
  if (!tool.started_at || to <= from) return null;
  const start = Date.parse(tool.started_at);
  const end = tool.duration_ms === null ? to : start + tool.duration_ms;
  const share = (at: number) => (100 * (Math.min(Math.max(at, from), to) - from)) / (to - from);
  const width = Math.max(0.5, share(end) - share(start));
  return { left: Math.min(share(start), 100 - width), width };
}

/** The span of time that the checks took, in ms since the epoch; null before the first began. */
export function spanOf(tools: readonly ToolProgress[], now: number): { from: number; to: number } | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { started_at, duration_ms } of tools) {
    if (!started_at) continue;
    const start = Date.parse(started_at);
    from = Math.min(from, start);
    to = Math.max(to, duration_ms === null ? Math.max(now, start) : start + duration_ms);
  }
  return from <= to ? { from, to: Math.max(to, from + 1) } : null;
}

/** How long the run has been going, in ms; to its end where it has one. */
export function elapsedMs(startedAt: string | null, finishedAt: string | null, now: number): number | null {
  if (!startedAt) return null;
  return Math.max(0, (finishedAt ? Date.parse(finishedAt) : now) - Date.parse(startedAt));
}

/** How long a phase took, or has taken so far; null before its start. */
export const phaseMs = (phase: Progress["phases"][number], now: number) =>
  elapsedMs(phase.started_at, phase.completed_at, now);
