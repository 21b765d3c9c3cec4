import * as z from "zod";

export const statuses = ["draft", "running", "paused", "completed", "error", "cancelled"] as const;
export const status = z.enum(statuses);
export type Status = z.infer<typeof status>;

export const steps = ["settings", "progress", "results"] as const;
export const step = z.enum(steps);
export type Step = z.infer<typeof step>;
