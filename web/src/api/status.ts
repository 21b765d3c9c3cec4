import * as z from "zod/mini";

export const statuses = ["draft", "running", "paused", "completed", "error", "cancelled"] as const;
export const status = z.enum(statuses);
export type Status = z.infer<typeof status>;

export const steps = ["settings", "progress", "results"] as const;
export const step = z.enum(steps);
export type Step = z.infer<typeof step>;

/** Why a check that was to look did not come to an end, the gravest first. */
export const unended = ["out_of_time", "not_reached", "tool_failed", "agent_timeout"] as const;
export type Unended = (typeof unended)[number];
